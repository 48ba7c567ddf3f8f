using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using PushPlatform.LocalCluster.Api;
using PushPlatform.LocalCluster.Api.Http;
using Xunit;

namespace PushPlatform.Tests.Integration.LocalCluster;

/// <summary>A server that has the tests' custom resource, and a client that speaks HTTP as it stands on the wire.</summary>
public abstract class ApiFixture : IAsyncLifetime
{
    private protected static CancellationToken Token => TestContext.Current.CancellationToken;

    private protected LocalApiServer Server { get; private set; } = null!;

    private protected HttpClient Http { get; private set; } = null!;

    private protected virtual LocalApiOptions Options => new();

    public virtual async ValueTask InitializeAsync()
    {
        Server = await LocalApiServer.StartAsync(Options, Token);
        Http = new HttpClient { BaseAddress = new Uri(Server.Url) };
        await SendAsync(HttpMethod.Post, "/apis/apiextensions.k8s.io/v1/customresourcedefinitions", Widgets.Definition, HttpStatusCode.Created);
    }

    public virtual async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await Server.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    private protected Task<JsonObject> CreateAsync(string yaml) => SendAsync(HttpMethod.Post, Widgets.Path, yaml, HttpStatusCode.Created);

    private protected Task<JsonObject> GetAsync(string path, HttpStatusCode expected = HttpStatusCode.OK) => SendAsync(HttpMethod.Get, path, null, expected);

    private protected Task<JsonObject> MergeAsync(string path, string yaml, HttpStatusCode expected = HttpStatusCode.OK) =>
        SendAsync(HttpMethod.Patch, path, yaml, expected, "application/merge-patch+json");

    private protected Task<JsonObject> ApplyAsync(string path, string manager, string yaml, HttpStatusCode expected = HttpStatusCode.OK, bool force = false) =>
        SendAsync(HttpMethod.Patch, $"{path}?fieldManager={manager}&force={(force ? "true" : "false")}", yaml, expected, "application/apply-patch+yaml");

    private protected async Task<JsonObject> SendAsync(HttpMethod method, string path, string? yaml, HttpStatusCode expected, string contentType = "application/json")
    {
        using HttpRequestMessage request = new(method, path);
        if (yaml is not null)
        {
            request.Content = new ByteArrayContent(Encoding.UTF8.GetBytes(YamlJson.Parse(yaml)!.ToJsonString()));
            request.Content.Headers.ContentType = new MediaTypeHeaderValue(contentType);
        }
        using HttpResponseMessage response = await Http.SendAsync(request, Token);
        string text = await response.Content.ReadAsStringAsync(Token);
        Assert.True(response.StatusCode == expected, $"{method} {path}: {(int)response.StatusCode} {text}");
        return (JsonObject)JsonNode.Parse(text)!;
    }

    private protected async Task<WatchLines> WatchAsync(string query, string path = Widgets.Path)
    {
        HttpResponseMessage response = await Http.GetAsync($"{path}?watch=true{query}", HttpCompletionOption.ResponseHeadersRead, Token);
        return new WatchLines(response, new StreamReader(await response.Content.ReadAsStreamAsync(Token)));
    }
}

/// <summary>The lines of one watch.</summary>
internal sealed class WatchLines(HttpResponseMessage response, StreamReader reader) : IDisposable
{
    /// <summary>The next event; null when the server ended the watch.</summary>
    public async Task<JsonObject?> NextAsync()
    {
        string? line = await reader.ReadLineAsync(TestContext.Current.CancellationToken).AsTask().WaitAsync(TimeSpan.FromSeconds(20));
        return line is null ? null : (JsonObject)JsonNode.Parse(line)!;
    }

    /// <summary>The next event as <c>TYPE name</c>.</summary>
    public async Task<string> NextTextAsync()
    {
        JsonObject? change = await NextAsync();
        return $"{change.Text("type")} {change.Text("object", "metadata", "name")}";
    }

    public void Dispose()
    {
        reader.Dispose();
        response.Dispose();
    }
}
