using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using PushPlatform.Kubernetes.Client;
using PushPlatform.Kubernetes.Configuration;
using PushPlatform.Kubernetes.Models;
using PushPlatform.LocalCluster.Api;
using Xunit;

namespace PushPlatform.Tests.Integration.Kubernetes;

/// <summary>Some API server that the specs are held against. Each spec works in a namespace of its own.</summary>
public abstract class ApiServerUnderTest : IAsyncLifetime
{
    internal abstract KubernetesClientConfiguration Configuration { get; }

    /// <summary>Known from <see cref="InitializeAsync"/> on.</summary>
    internal ApiServerFeatures Features { get; private protected set; } = null!;

    /// <summary>Why what belongs to a deleted object stays; null where a garbage collector runs.</summary>
    internal virtual string? WhyNothingIsCollected => null;

    /// <summary>Makes every version up to now one from which no watch can begin any more.</summary>
    /// <param name="write">One write, of which as many are made as that takes.</param>
    internal abstract Task ForgetAsync(Func<int, Task> write);

    internal static KubernetesJson Json { get; } = new(SpecJsonContext.Default);

    public virtual async ValueTask InitializeAsync()
    {
        using var client = NewClient();
        Features = await ApiServerFeatures.OfAsync(this);
        await client.ApplyAsync(new CustomResourceDefinition { Metadata = { Name = "toys.spec.example" }, Spec = ToySchema() }, "spec");
        await Eventually.HoldsAsync(() => client.ServesAnewAsync<Toy>());
    }

    public abstract ValueTask DisposeAsync();

    internal KubernetesClient NewClient() => new(Configuration, Json);

    /// <summary>For what no typed client would send.</summary>
    internal ApiTransport NewTransport() => new(Configuration, Json, new KubernetesMetrics(), TimeProvider.System);

    internal virtual async Task<string> NewNamespaceAsync()
    {
        using var client = NewClient();
        var created = await client.CreateAsync(new SpecNamespace { Metadata = { Name = $"spec-{Guid.NewGuid():n}" } });
        return created.Name();
    }

    private static JsonObject ToySchema() => JsonNode.Parse("""
        {"group": "spec.example", "scope": "Namespaced", "names": {"kind": "Toy", "listKind": "ToyList", "plural": "toys", "singular": "toy"},
         "versions": [{"name": "v1", "served": true, "storage": true,
           "subresources": {"status": {}, "scale": {"specReplicasPath": ".spec.replicas", "statusReplicasPath": ".status.replicas", "labelSelectorPath": ".status.selector"}},
           "schema": {"openAPIV3Schema": {"type": "object", "properties": {
             "spec": {"type": "object", "properties": {"replicas": {"type": "integer", "maximum": 100}, "colour": {"type": "string"}, "size": {"type": "string", "default": "M"}}},
             "status": {"type": "object", "properties": {"replicas": {"type": "integer"}, "selector": {"type": "string"}, "message": {"type": "string"}}}}}}}]}
        """)!.AsObject();
}

/// <summary>The laptop's API server, with a short memory and frequent bookmarks.</summary>
public sealed class LocalClusterUnderTest : ApiServerUnderTest
{
    private LocalApiServer? _server;

    internal override KubernetesClientConfiguration Configuration => KubeConfigLoader.LoadFiles([_server!.KubeconfigPath]);

    public override async ValueTask InitializeAsync()
    {
        _server = await LocalApiServer.StartAsync(new LocalApiOptions { HistoryLimit = 1500, BookmarkInterval = TimeSpan.FromMilliseconds(200) });
        await base.InitializeAsync();
        Features = Features with { Cel = false };
    }

    public override ValueTask DisposeAsync() => _server!.DisposeAsync();

    internal override async Task ForgetAsync(Func<int, Task> write)
    {
        for (int i = 0; i < 2000; i++)
        {
            await write(i);
        }
    }
}

[KubernetesEntity(Group = "spec.example", ApiVersion = "v1", Kind = "Toy", PluralName = "toys")]
internal sealed class Toy : CustomKubernetesEntity<ToySpec, ToyStatus>;

internal sealed record ToySpec
{
    public int? Replicas { get; set; }

    public string? Colour { get; set; }

    public string? Size { get; set; }
}

internal sealed record ToyStatus
{
    public int? Replicas { get; set; }

    public string? Selector { get; set; }

    public string? Message { get; set; }
}

[KubernetesEntity(Group = "apiextensions.k8s.io", ApiVersion = "v1", Kind = "CustomResourceDefinition", PluralName = "customresourcedefinitions")]
internal sealed class CustomResourceDefinition : KubernetesObject
{
    public JsonObject? Spec { get; set; }
}

[KubernetesEntity(ApiVersion = "v1", Kind = "Namespace", PluralName = "namespaces")]
internal sealed class SpecNamespace : KubernetesObject;

[KubernetesEntity(Group = "nowhere.example", ApiVersion = "v1", Kind = "Nothing", PluralName = "nothings")]
internal sealed class Nothing : KubernetesObject;

[JsonSerializable(typeof(Toy))]
[JsonSerializable(typeof(CustomResourceDefinition))]
[JsonSerializable(typeof(SpecNamespace))]
[JsonSerializable(typeof(Nothing))]
[JsonSerializable(typeof(ServiceAccount))]
internal sealed partial class SpecJsonContext : JsonSerializerContext;

internal static class Eventually
{
    /// <summary>Asks again and again, for at most 60 s.</summary>
    public static async Task HoldsAsync(Func<Task<bool>> condition, [System.Runtime.CompilerServices.CallerArgumentExpression(nameof(condition))] string what = "")
    {
        var began = System.Diagnostics.Stopwatch.StartNew();
        while (!await condition())
        {
            Assert.True(began.Elapsed < TimeSpan.FromSeconds(60), $"never came true: {what}");
            await Task.Delay(20);
        }
    }

    /// <summary>Whether a kind can be listed right now; unlike <see cref="IKubernetesClient.ServesAsync"/> it remembers nothing.</summary>
    public static async Task<bool> ServesAnewAsync<TEntity>(this IKubernetesClient client)
        where TEntity : class, IKubernetesObject<V1ObjectMeta>
    {
        try
        {
            await client.ListAsync<TEntity>();
            return true;
        }
        catch (KubernetesException exception) when (exception.IsNotFound)
        {
            return false;
        }
    }
}
