using System.Text.Json.Nodes;
using PushPlatform.Kubernetes.Client;
using PushPlatform.Kubernetes.Configuration;
using PushPlatform.Kubernetes.Models;
using PushPlatform.LocalCluster.Api;
using PushPlatform.Operator.Api;
using PushPlatform.Operator.Conditions;
using PushPlatform.Tests.Resources;
using Shouldly;
using Xunit;

namespace PushPlatform.Tests.Integration.Operator;

/// <summary>A status that answers an older spec never covers the answer to a newer one (G8).</summary>
public sealed class StatusApplyTests : IAsyncLifetime
{
    private static readonly KubernetesJson Json = new(ApiJsonContext.Default);

    private LocalApiServer _api = null!;
    private KubernetesClient _client = null!;
    private StatusApply _statuses = null!;

    public async ValueTask InitializeAsync()
    {
        _api = await LocalApiServer.StartAsync();
        _client = new KubernetesClient(KubeConfigLoader.LoadFiles([_api.KubeconfigPath]), Json);
        _statuses = new StatusApply(_client, Json);
        using HttpClient http = new();
        using StringContent definition = new(ResourceTable.Definition("pushpools").ToJsonString(), null, "application/json");
        (await http.PostAsync($"{_api.Url}/apis/apiextensions.k8s.io/v1/customresourcedefinitions", definition)).EnsureSuccessStatusCode();
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _api.DisposeAsync();
    }

    [Fact]
    public async Task TryApply_AsRead_IsWritten()
    {
        PushPool read = await _client.CreateAsync(NewPool());

        (await TryApplyAsync(read, connections: 7)).ShouldBeTrue();

        (await _client.GetAsync<PushPool>("p", "default"))!.Status.Connections.ShouldBe(7);
    }

    [Fact]
    public async Task TryApply_ChangedSince_IsNotWritten()
    {
        PushPool read = await _client.CreateAsync(NewPool());
        await _client.PatchAsync<PushPool>(V1Patch.Merge(new JsonObject { ["spec"] = new JsonObject { ["replicas"] = 3 } }), "p", "default");

        (await TryApplyAsync(read, connections: 7)).ShouldBeFalse();

        (await _client.GetAsync<PushPool>("p", "default"))!.Status.Connections.ShouldBeNull();
    }

    [Fact]
    public async Task TryApply_MadeAgainSince_IsNotWritten()
    {
        PushPool read = await _client.CreateAsync(NewPool());
        await _client.DeleteAsync<PushPool>("p", "default");
        await _client.CreateAsync(NewPool());

        (await TryApplyAsync(read, connections: 7)).ShouldBeFalse();

        (await _client.GetAsync<PushPool>("p", "default"))!.Status.Connections.ShouldBeNull();
    }

    [Fact]
    public async Task TryApply_GoneSince_IsNoError()
    {
        PushPool read = await _client.CreateAsync(NewPool());
        await _client.DeleteAsync<PushPool>("p", "default");

        (await TryApplyAsync(read, connections: 7)).ShouldBeFalse();
    }

    private Task<bool> TryApplyAsync(PushPool read, int connections) => _statuses.TryApplyAsync<PushPool, PushPoolSpec, PushPoolStatus>(
        read, new PushPoolStatus { Connections = connections }, CancellationToken.None);

    private static PushPool NewPool() => new()
    {
        Metadata = new V1ObjectMeta { Name = "p", NamespaceProperty = "default" },
        Spec = new PushPoolSpec { Auth = new() { Type = AuthType.None } },
    };
}
