using System.Text.Json.Nodes;
using PushPlatform.Kubernetes.Client;
using PushPlatform.Kubernetes.Models;
using PushPlatform.Operator.Api;
using PushPlatform.Operator.Conditions;
using PushPlatform.Tests.Integration.Kubernetes;
using PushPlatform.Tests.Integration.Operator.Api;
using Shouldly;
using Xunit;

namespace PushPlatform.Tests.Integration.Operator;

/// <summary>A status that answers an older spec never covers the answer to a newer one (G8).</summary>
public abstract class StatusUpdateSpec(ApiServerUnderTest server) : IAsyncLifetime
{
    private static readonly KubernetesJson Json = new(ApiJsonContext.Default);

    private readonly KubernetesClient _client = new(server.Configuration, Json);
    private string _namespace = "";

    public async ValueTask InitializeAsync()
    {
        _namespace = await server.NewNamespaceAsync();
        await PushDefinitions.ServeAsync(server);
    }

    public ValueTask DisposeAsync()
    {
        _client.Dispose();
        return ValueTask.CompletedTask;
    }

    // kstatus takes a resource without a status for finished.
    [Fact]
    public async Task Created_NotLookedAtYet_SaysSo()
    {
        (await _client.CreateAsync(NewPool())).Status.ObservedGeneration.ShouldBe(-1);
        (await _client.GetAsync<PushPool>("p", _namespace))!.Status.ObservedGeneration.ShouldBe(-1);
    }

    [Fact]
    public async Task TryUpdate_AsRead_IsWritten()
    {
        PushPool read = await _client.CreateAsync(NewPool());

        (await TryUpdateAsync(read, connections: 7)).ShouldBeTrue();

        (await _client.GetAsync<PushPool>("p", _namespace))!.Status.Connections.ShouldBe(7);
    }

    [Fact]
    public async Task TryUpdate_ChangedSince_IsNotWritten()
    {
        PushPool read = await _client.CreateAsync(NewPool());
        await _client.PatchAsync<PushPool>(V1Patch.Merge(new JsonObject { ["spec"] = new JsonObject { ["replicas"] = 3 } }), "p", _namespace);

        (await TryUpdateAsync(read, connections: 7)).ShouldBeFalse();

        (await _client.GetAsync<PushPool>("p", _namespace))!.Status.Connections.ShouldBeNull();
    }

    [Fact]
    public async Task TryUpdate_MadeAgainSince_IsNotWritten()
    {
        PushPool read = await _client.CreateAsync(NewPool());
        await _client.DeleteAsync<PushPool>("p", _namespace);
        await _client.CreateAsync(NewPool());

        (await TryUpdateAsync(read, connections: 7)).ShouldBeFalse();

        (await _client.GetAsync<PushPool>("p", _namespace))!.Status.Connections.ShouldBeNull();
    }

    [Fact]
    public async Task TryUpdate_GoneSince_IsNoError()
    {
        PushPool read = await _client.CreateAsync(NewPool());
        await _client.DeleteAsync<PushPool>("p", _namespace);

        (await TryUpdateAsync(read, connections: 7)).ShouldBeFalse();
    }

    private Task<bool> TryUpdateAsync(PushPool read, int connections) => new StatusUpdate(_client, Json).TryUpdateAsync<PushPool, PushPoolSpec, PushPoolStatus>(
        read, new PushPoolStatus { Connections = connections }, CancellationToken.None);

    private PushPool NewPool() => new()
    {
        Metadata = new V1ObjectMeta { Name = "p", NamespaceProperty = _namespace },
        Spec = new PushPoolSpec { Auth = new() { Type = AuthType.None } },
    };
}

public sealed class LocalClusterStatusUpdateSpec(LocalClusterUnderTest server) : StatusUpdateSpec(server), IClassFixture<LocalClusterUnderTest>;

[Collection(typeof(NamedApiServerSpecs))]
public sealed class NamedServerStatusUpdateSpec(NamedApiServer server) : StatusUpdateSpec(server);
