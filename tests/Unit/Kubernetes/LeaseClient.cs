using System.Net;
using System.Text.Json.Nodes;
using PushPlatform.Kubernetes.Client;
using PushPlatform.Kubernetes.Models;

namespace PushPlatform.Tests.Unit.Kubernetes;

/// <summary>An API server that holds one lease in memory, and can be made to hang or to refuse.</summary>
internal sealed class LeaseClient : IKubernetesClient
{
    private int _version;

    public V1Lease? Lease { get; private set; }

    public Func<CancellationToken, Task> BeforeEachCall { get; set; } = static _ => Task.CompletedTask;

    public int Writes { get; private set; }

    public void HeldBy(string? holder) => Store(new V1LeaseSpec { HolderIdentity = holder, LeaseTransitions = 3 });

    public async Task<TEntity?> GetAsync<TEntity>(string name, string? @namespace = null, CancellationToken cancellationToken = default)
        where TEntity : class, IKubernetesObject<V1ObjectMeta>
    {
        await BeforeEachCall(cancellationToken);
        return (TEntity?)(object?)Lease;
    }

    public async Task<TEntity> CreateAsync<TEntity>(TEntity entity, string? fieldManager = null, bool dryRun = false, CancellationToken cancellationToken = default)
        where TEntity : class, IKubernetesObject<V1ObjectMeta>
    {
        await BeforeEachCall(cancellationToken);
        Store(((V1Lease)(object)entity).Spec!);
        return (TEntity)(object)Lease!;
    }

    public async Task<TEntity> PatchAsync<TEntity>(
        V1Patch patch, string name, string? @namespace = null, string? subresource = null, string? fieldManager = null, CancellationToken cancellationToken = default)
        where TEntity : class, IKubernetesObject<V1ObjectMeta>
    {
        await BeforeEachCall(cancellationToken);
        var body = JsonNode.Parse(patch.Body)!;
        if (body["metadata"]!["resourceVersion"]!.GetValue<string>() != Lease!.ResourceVersion())
        {
            throw new KubernetesException(new V1Status { Reason = "Conflict" }, HttpStatusCode.Conflict);
        }

        var spec = body["spec"]!.AsObject();
        Store(Lease!.Spec! with
        {
            HolderIdentity = spec.ContainsKey("holderIdentity") ? spec["holderIdentity"]?.GetValue<string>() : Lease.Spec!.HolderIdentity,
            LeaseTransitions = spec["leaseTransitions"]?.GetValue<int>() ?? Lease.Spec!.LeaseTransitions,
        });
        return (TEntity)(object)Lease;
    }

    public Task<EntityList<TEntity>> ListAsync<TEntity>(string? @namespace = null, string? labelSelector = null, string? fieldSelector = null, CancellationToken cancellationToken = default)
        where TEntity : class, IKubernetesObject<V1ObjectMeta> => throw new NotSupportedException();

    public IAsyncEnumerable<WatchEvent<TEntity>> WatchAsync<TEntity>(
        string resourceVersion, string? @namespace = null, string? labelSelector = null, string? fieldSelector = null, CancellationToken cancellationToken = default)
        where TEntity : class, IKubernetesObject<V1ObjectMeta> => throw new NotSupportedException();

    public Task<TEntity> ApplyAsync<TEntity>(TEntity entity, string fieldManager, bool force = true, CancellationToken cancellationToken = default)
        where TEntity : class, IKubernetesObject<V1ObjectMeta> => throw new NotSupportedException();

    public Task<TEntity> UpdateStatusAsync<TEntity>(TEntity entity, string fieldManager, CancellationToken cancellationToken = default)
        where TEntity : class, IKubernetesObject<V1ObjectMeta> => throw new NotSupportedException();

    public Task<V1Scale?> GetScaleAsync<TEntity>(string name, string? @namespace = null, CancellationToken cancellationToken = default)
        where TEntity : class, IKubernetesObject<V1ObjectMeta> => throw new NotSupportedException();

    public Task<V1Scale> PatchScaleAsync<TEntity>(string name, string? @namespace, int replicas, string? fieldManager = null, CancellationToken cancellationToken = default)
        where TEntity : class, IKubernetesObject<V1ObjectMeta> => throw new NotSupportedException();

    public Task<bool> DeleteAsync<TEntity>(string name, string? @namespace = null, V1DeleteOptions? options = null, CancellationToken cancellationToken = default)
        where TEntity : class, IKubernetesObject<V1ObjectMeta> => throw new NotSupportedException();

    public Task<bool> ServesAsync<TEntity>(CancellationToken cancellationToken = default)
        where TEntity : class, IKubernetesObject<V1ObjectMeta> => throw new NotSupportedException();

    private void Store(V1LeaseSpec spec)
    {
        Writes++;
        Lease = new V1Lease { Metadata = { Name = "l", Uid = "u", ResourceVersion = $"{++_version}" }, Spec = spec };
    }
}
