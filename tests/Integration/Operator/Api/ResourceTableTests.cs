using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using PushPlatform.LocalCluster.Api;
using PushPlatform.Tests.Resources;
using Shouldly;
using Xunit;

namespace PushPlatform.Tests.Integration.Operator.Api;

/// <summary>
/// The table of good and bad resources over the Kubernetes API, on the local server: what the schema refuses is refused with the field's path, and
/// all else is taken (rules across fields are the operator's here, as on any server before 1.30).
/// </summary>
public sealed class ResourceTableTests : IAsyncLifetime
{
    private LocalApiServer _server = null!;
    private HttpClient _http = null!;

    public async ValueTask InitializeAsync()
    {
        _server = await LocalApiServer.StartAsync();
        _http = new() { BaseAddress = new Uri(_server.Url) };
        await CreateAsync("/api/v1/namespaces", new() { ["apiVersion"] = "v1", ["kind"] = "Namespace", ["metadata"] = new JsonObject { ["name"] = "fleet" } });
        foreach (string plural in (string[])["pushcampaigns", "pushpools"])
        {
            await CreateAsync("/apis/apiextensions.k8s.io/v1/customresourcedefinitions", ResourceTable.Definition(plural));
        }
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await _server.DisposeAsync();
    }

    [Theory]
    [InlineData("campaigns")]
    [InlineData("pools")]
    public async Task Create_EveryRow_IsRefusedJustWhereTheSchemaSays(string kind)
    {
        List<string> surprises = [];
        foreach (ResourceRow row in ResourceTable.Rows(kind))
        {

            using HttpResponseMessage response = await _http.PostAsJsonAsync($"/apis/pushplatform.io/v1alpha1/namespaces/fleet/push{kind}?dryRun=All", row.New);
            string answer = await response.Content.ReadAsStringAsync();
            bool asTold = row.Verdict is Verdict.BadBySchema
                ? response.StatusCode is HttpStatusCode.UnprocessableEntity && answer.Contains(row.Words)
                : response.StatusCode is HttpStatusCode.Created;
            if (!asTold)
            {
                surprises.Add($"{row.Name}: {(int)response.StatusCode} {answer}");
            }
        }

        surprises.ShouldBeEmpty();
    }

    private async Task CreateAsync(string path, JsonObject resource)
    {
        using HttpResponseMessage response = await _http.PostAsJsonAsync(path, resource);
        response.StatusCode.ShouldBe(HttpStatusCode.Created, await response.Content.ReadAsStringAsync());
    }
}
