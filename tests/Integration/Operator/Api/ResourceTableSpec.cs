using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using PushPlatform.Kubernetes.Client;
using PushPlatform.Tests.Integration.Kubernetes;
using PushPlatform.Tests.Resources;
using Shouldly;
using Xunit;

namespace PushPlatform.Tests.Integration.Operator.Api;

/// <summary>
/// The table of good and bad resources over the Kubernetes API: what the schema refuses is refused with the field's path; what the rules across fields
/// refuse, with their message where the server has CEL (elsewhere they are the operator's alone); and all else is taken.
/// </summary>
public abstract partial class ResourceTableSpec(ApiServerUnderTest server) : IAsyncLifetime
{
    private string _namespace = "";

    private ApiTransport Api { get; } = server.NewTransport();

    public async ValueTask InitializeAsync()
    {
        _namespace = await server.NewNamespaceAsync();
        await PushDefinitions.ServeAsync(server);
    }

    public ValueTask DisposeAsync()
    {
        Api.Dispose();
        return ValueTask.CompletedTask;
    }

    [Theory]
    [InlineData("campaigns")]
    [InlineData("pools")]
    [InlineData("campaignapprovals")]
    public async Task EveryRow_IsRefusedJustWhereTheTableSays(string kind)
    {
        List<string> surprises = [];
        foreach (ResourceRow row in ResourceTable.Rows(kind))
        {
            if (!server.Features.EmptyStrings && HoldsAnEmptyString(row.New))
            {
                TestContext.Current.TestOutputHelper?.WriteLine($"left out, for Kubernetes {server.Features.Version} takes an empty string for null: {row.Name}");
                continue;
            }

            KubernetesException? refusal = await JudgeAsync(kind, row);
            bool isRefused = row.Verdict is Verdict.BadBySchema || (row.Verdict is Verdict.BadByCel && server.Features.Cel);
            bool asTold = isRefused ? refusal?.Code is HttpStatusCode.UnprocessableEntity && refusal.Message.Contains(Words(row)) : refusal is null;
            if (!asTold)
            {
                surprises.Add($"{row.Name}: {refusal?.Message ?? "taken"}");
            }
        }

        surprises.ShouldBeEmpty();
    }

    private static bool HoldsAnEmptyString(JsonNode? node) => node switch
    {
        JsonObject members => members.Any(member => HoldsAnEmptyString(member.Value)),
        JsonArray items => items.Any(HoldsAnEmptyString),
        JsonValue value => value.TryGetValue(out string? text) && text.Length == 0,
        _ => false,
    };

    private string Words(ResourceRow row) => server.Features.ItemsInPaths ? row.Words : Item().Replace(row.Words, "");

    [GeneratedRegex(@"\[\d+\]")]
    private static partial Regex Item();

    /// <returns>What the API server has against the new resource; null = it would be taken.</returns>
    private async Task<KubernetesException?> JudgeAsync(string kind, ResourceRow row)
    {
        string path = $"apis/pushplatform.io/v1alpha1/namespaces/{_namespace}/push{kind}";
        if (row.Old is null)
        {
            return await RefusalAsync(HttpMethod.Post, $"{path}?dryRun=All", Here(row.New));
        }

        JsonObject old = Here(row.Old);
        string one = $"{path}/{(string)old["metadata"]!["name"]!}";
        (await RefusalAsync(HttpMethod.Post, path, old)).ShouldBeNull(row.Name);
        if (old["status"] is { } status)
        {
            JsonObject patch = new() { ["status"] = status.DeepClone() };
            (await RefusalAsync(HttpMethod.Patch, $"{one}/status", patch)).ShouldBeNull(row.Name);
        }

        KubernetesException? refusal = await RefusalAsync(HttpMethod.Put, $"{one}?dryRun=All", await NextAsync(one, row.New));
        (await RefusalAsync(HttpMethod.Delete, one, null)).ShouldBeNull(row.Name);
        return refusal;
    }

    /// <summary>The new resource as a change of the one that stands.</summary>
    private async Task<JsonObject> NextAsync(string one, JsonObject resource)
    {
        using var standing = await Api.SendAsync(HttpMethod.Get, one, content: null, CancellationToken.None);
        JsonObject next = Here(resource);
        next["metadata"]!["resourceVersion"] = standing.RootElement.GetProperty("metadata").GetProperty("resourceVersion").GetString();
        return next;
    }

    private JsonObject Here(JsonObject resource)
    {
        var copy = (JsonObject)resource.DeepClone();
        copy["metadata"]!["namespace"] = _namespace;
        return copy;
    }

    private async Task<KubernetesException?> RefusalAsync(HttpMethod method, string path, JsonObject? body)
    {
        string type = method == HttpMethod.Patch ? "application/merge-patch+json" : "application/json";
        ApiContent? content = body is null ? null : new(Encoding.UTF8.GetBytes(body.ToJsonString()), type);
        try
        {
            using var taken = await Api.SendAsync(method, path, content, CancellationToken.None);
            return null;
        }
        catch (KubernetesException refusal)
        {
            return refusal;
        }
    }
}

public sealed class LocalClusterResourceTableSpec(LocalClusterUnderTest server) : ResourceTableSpec(server), IClassFixture<LocalClusterUnderTest>;

[Collection(typeof(NamedApiServerSpecs))]
public sealed class NamedServerResourceTableSpec(NamedApiServer server) : ResourceTableSpec(server);
