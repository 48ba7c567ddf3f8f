using System.Text.Json.Nodes;
using PushPlatform.Kubernetes.Client;
using PushPlatform.Kubernetes.Models;

namespace PushPlatform.Kubernetes.LeaderElection;

/// <summary>The lease in the API server: every write names the version that it was decided on, so of two that write at once one gets 409.</summary>
internal sealed class LeaseLock(IKubernetesClient client, string @namespace, string name, string identity, TimeSpan leaseDuration, TimeProvider time)
{
    private string? _seenVersion;
    private long _seenAt;

    public string Identity => identity;

    /// <summary>One look and at most one write.</summary>
    /// <returns>Who holds the lease now; ours = <see cref="Identity"/>.</returns>
    /// <exception cref="KubernetesException">409: somebody else was faster.</exception>
    public async Task<string?> AcquireOrRenewAsync(CancellationToken cancellationToken)
    {
        var lease = await client.GetAsync<V1Lease>(name, @namespace, cancellationToken);
        switch (LeaseDecision.Next(lease, identity, UnchangedFor(lease), leaseDuration))
        {
            case LeaseStep.Create:
                var created = await client.CreateAsync(
                    new V1Lease
                    {
                        Metadata = { Name = name, NamespaceProperty = @namespace },
                        Spec = new V1LeaseSpec
                        {
                            HolderIdentity = identity,
                            LeaseDurationSeconds = (int)leaseDuration.TotalSeconds,
                            AcquireTime = time.GetUtcNow(),
                            RenewTime = time.GetUtcNow(),
                            LeaseTransitions = 0,
                        },
                    },
                    cancellationToken: cancellationToken);
                return created.Spec?.HolderIdentity;
            case LeaseStep.Renew:
                return await WriteAsync(lease!, new JsonObject { ["renewTime"] = Now() }, cancellationToken);
            case LeaseStep.TakeOver:
                var spec = new JsonObject
                {
                    ["holderIdentity"] = identity,
                    ["leaseDurationSeconds"] = (int)leaseDuration.TotalSeconds,
                    ["acquireTime"] = Now(),
                    ["renewTime"] = Now(),
                    ["leaseTransitions"] = (lease!.Spec?.LeaseTransitions ?? 0) + 1,
                };
                return await WriteAsync(lease, spec, cancellationToken);
            default:
                return lease!.Spec?.HolderIdentity;
        }
    }

    /// <summary>Lets the next one in at once, if the lease is still ours.</summary>
    public async Task ReleaseAsync(CancellationToken cancellationToken)
    {
        var lease = await client.GetAsync<V1Lease>(name, @namespace, cancellationToken);
        if (lease?.Spec?.HolderIdentity == identity)
        {
            await WriteAsync(lease, new JsonObject { ["holderIdentity"] = null, ["renewTime"] = Now() }, cancellationToken);
        }
    }

    private TimeSpan UnchangedFor(V1Lease? lease)
    {
        if (lease?.ResourceVersion() is { } version && version == _seenVersion)
        {
            return time.GetElapsedTime(_seenAt);
        }

        (_seenVersion, _seenAt) = (lease?.ResourceVersion(), time.GetTimestamp());
        return TimeSpan.Zero;
    }

    private async Task<string?> WriteAsync(V1Lease lease, JsonObject spec, CancellationToken cancellationToken)
    {
        var patch = new JsonObject
        {
            ["metadata"] = new JsonObject { ["resourceVersion"] = lease.ResourceVersion(), ["uid"] = lease.Uid() },
            ["spec"] = spec,
        };
        var written = await client.PatchAsync<V1Lease>(V1Patch.Merge(patch), name, @namespace, cancellationToken: cancellationToken);
        return written.Spec?.HolderIdentity;
    }

    private string Now() => MicroTimeConverter.Format(time.GetUtcNow());
}
