using System.Net;
using System.Text.Json.Nodes;
using PushPlatform.LocalCluster.Api;
using Shouldly;
using Xunit;

namespace PushPlatform.Tests.Integration.LocalCluster;

public sealed class ObjectTests : ApiFixture
{
    private const string One = Widgets.Path + "/one";

    [Fact]
    public async Task Generation_Grows_OnlyWithTheSpec()
    {
        (await CreateAsync(Widgets.Named("one"))).Number("metadata", "generation").ShouldBe(1);

        (await MergeAsync(One, "metadata: {labels: {a: b}}")).Number("metadata", "generation").ShouldBe(1);
        (await MergeAsync(One + "/status", "status: {phase: Good}")).Number("metadata", "generation").ShouldBe(1);
        (await MergeAsync(One, "spec: {color: blue}")).Number("metadata", "generation").ShouldBe(2);
    }

    [Theory]
    [InlineData("Origin", "https://example.com")]
    [InlineData("Host", "rebound.example.com")]
    public async Task AWebPage_IsRefused(string header, string value)
    {
        using HttpRequestMessage request = new(HttpMethod.Post, Widgets.Path) { Content = new ByteArrayContent("{}"u8.ToArray()) };
        request.Headers.Add(header, value);

        using HttpResponseMessage response = await Http.SendAsync(request, Token);

        response.StatusCode.ShouldBe(HttpStatusCode.Forbidden);
    }

    [Fact]
    public async Task Status_AndSpec_AreWrittenApart()
    {
        JsonObject created = await CreateAsync(Widgets.Named("one") + "\nstatus: {phase: Sneaked}");
        created["status"].ShouldBeNull();

        JsonObject viaStatus = await MergeAsync(One + "/status", "{spec: {color: blue}, status: {phase: Good}}");
        JsonObject viaSpec = await MergeAsync(One, "{spec: {size: 3}, status: {phase: Bad}}");

        viaStatus.Text("spec", "color").ShouldBe("red");
        viaSpec.Text("status", "phase").ShouldBe("Good");
    }

    [Fact]
    public async Task Update_OfAnOlderVersion_Is409()
    {
        JsonObject created = await CreateAsync(Widgets.Named("one"));
        await MergeAsync(One, "spec: {size: 2}");

        JsonObject refused = await SendAsync(HttpMethod.Put, One, created.ToJsonString(), HttpStatusCode.Conflict);

        refused.Text("reason").ShouldBe("Conflict");
        refused.Text("message").ShouldBe("""Operation cannot be fulfilled on widgets.example.test "one": the object has been modified; please apply your changes to the latest version and try again""");
    }

    [Fact]
    public async Task Write_ThatChangesNothing_KeepsTheVersion()
    {
        JsonObject created = await CreateAsync(Widgets.Named("one"));

        (await MergeAsync(One, "spec: {color: red}")).ResourceVersion().ShouldBe(created.ResourceVersion());
    }

    [Fact]
    public async Task Scale_ReadsAndWrites_WhereTheDefinitionSays()
    {
        await CreateAsync(Widgets.Named("one"));
        await MergeAsync(One + "/status", "status: {replicas: 7, selector: a=b}");

        JsonObject scale = await MergeAsync(One + "/scale", "spec: {replicas: 4}");

        scale.Text("kind").ShouldBe("Scale");
        scale.Number("spec", "replicas").ShouldBe(4);
        scale.Number("status", "replicas").ShouldBe(7);
        scale.Text("status", "selector").ShouldBe("a=b");
        (await GetAsync(One)).Number("spec", "replicas").ShouldBe(4);
    }

    [Fact]
    public async Task Finalizers_HoldADeletedObject_UntilTheLastGoes()
    {
        await CreateAsync(Widgets.Named("one", metadata: "finalizers: [example.test/a]"));

        JsonObject marked = await SendAsync(HttpMethod.Delete, One, null, HttpStatusCode.OK);
        marked.Text("metadata", "deletionTimestamp").ShouldNotBeNull();
        await MergeAsync(One, "metadata: {finalizers: [example.test/a, example.test/b]}", HttpStatusCode.UnprocessableEntity);
        await MergeAsync(One, "metadata: {finalizers: null}");

        await GetAsync(One, HttpStatusCode.NotFound);
    }

    [Theory]
    [InlineData("Background", true)]
    [InlineData("Foreground", true)]
    [InlineData("Orphan", false)]
    public async Task Dependents_OfADeletedOwner_GoUnlessOrphaned(string policy, bool goes)
    {
        JsonObject owner = await CreateAsync(Widgets.Named("one"));
        await CreateAsync(Widgets.Named("two", metadata: $"ownerReferences: [{{apiVersion: example.test/v1, kind: Widget, name: one, uid: {owner.Uid()}}}]"));
        using WatchLines watch = await WatchAsync("&fieldSelector=metadata.name%3Dtwo");
        await watch.NextAsync();

        await SendAsync(HttpMethod.Delete, $"{One}?propagationPolicy={policy}", null, HttpStatusCode.OK);

        (await watch.NextTextAsync()).ShouldBe(goes ? "DELETED two" : "MODIFIED two");
        if (!goes)
        {
            (await GetAsync(Widgets.Path + "/two")).Items("metadata", "ownerReferences").ShouldBeEmpty();
        }
    }

    // So many that the collector, were the owner gone first, would come upon one before its reference is cut.
    [Fact]
    public async Task Orphaning_LosesNoneOfManyDependents()
    {
        const int Many = 100;
        JsonObject owner = await CreateAsync(Widgets.Named("one"));
        foreach (int number in Enumerable.Range(0, Many))
        {
            await CreateAsync(Widgets.Named($"part-{number}", metadata: $"ownerReferences: [{{apiVersion: example.test/v1, kind: Widget, name: one, uid: {owner.Uid()}}}]"));
        }

        await SendAsync(HttpMethod.Delete, $"{One}?propagationPolicy=Orphan", null, HttpStatusCode.OK);

        JsonObject[] parts = [.. (await GetAsync(Widgets.Path)).Items("items").Cast<JsonObject>()];
        parts.Length.ShouldBe(Many);
        parts.Count(part => part.Items("metadata", "ownerReferences").Any()).ShouldBe(0);
    }

    [Fact]
    public async Task Delete_WithAnotherUid_IsRefused()
    {
        await CreateAsync(Widgets.Named("one"));

        await SendAsync(HttpMethod.Delete, One, "preconditions: {uid: other}", HttpStatusCode.Conflict);

        await GetAsync(One);
    }

    [Fact]
    public async Task List_InPages_ShowsEachOnce()
    {
        foreach (string name in (string[])["a", "b", "c", "d", "e"])
        {
            await CreateAsync(Widgets.Named(name));
        }
        List<string> seen = [];
        string next = "";
        do
        {
            JsonObject page = await GetAsync($"{Widgets.Path}?limit=2&continue={Uri.EscapeDataString(next)}");
            page.Items("items").Count().ShouldBeLessThanOrEqualTo(2);
            seen.AddRange(page.Items("items").Select(item => item.Text("metadata", "name")!));
            next = page.Text("metadata", "continue") ?? "";
        }
        while (next.Length > 0);

        seen.ShouldBe(["a", "b", "c", "d", "e"]);
    }

    [Fact]
    public async Task DryRun_OfEveryWrite_StoresNothing()
    {
        await CreateAsync(Widgets.Named("one"));

        await SendAsync(HttpMethod.Post, Widgets.Path + "?dryRun=All", Widgets.Named("two"), HttpStatusCode.Created);
        (await MergeAsync(One + "?dryRun=All", "spec: {color: blue}")).Text("spec", "color").ShouldBe("blue");
        await SendAsync(HttpMethod.Delete, One + "?dryRun=All", null, HttpStatusCode.OK);

        await GetAsync(Widgets.Path + "/two", HttpStatusCode.NotFound);
        (await GetAsync(One)).Text("spec", "color").ShouldBe("red");
    }

    [Fact]
    public async Task UnknownFields_AreRefusedWhenStrict_ElseDroppedWithAWarning()
    {
        JsonObject refused = await SendAsync(HttpMethod.Post, Widgets.Path + "?fieldValidation=Strict", Widgets.Named("one", "{color: red, colour: x}"), HttpStatusCode.BadRequest);
        refused.Text("message")!.ShouldEndWith("strict decoding error: unknown field \"spec.colour\"");

        (await CreateAsync(Widgets.Named("one", "{color: red, colour: x}"))).At("spec", "colour").ShouldBeNull();
    }

    [Fact]
    public async Task Apply_FromTwoManagers_ConflictsAndForces()
    {
        await ApplyAsync(One, "me", Widgets.Named("one", "{color: red, size: 2}"), HttpStatusCode.Created);

        JsonObject refused = await ApplyAsync(One, "other", Widgets.Named("one", "{color: blue}"), HttpStatusCode.Conflict);
        refused.Text("message").ShouldBe("Apply failed with 1 conflict: conflict with \"me\": .spec.color");
        await ApplyAsync(One, "other", Widgets.Named("one", "{color: blue}"), force: true);
        // color belongs to the other one now, so leaving it out takes size away and nothing else.
        JsonObject last = await ApplyAsync(One, "me", "{apiVersion: example.test/v1, kind: Widget, metadata: {name: one}, spec: {}}");

        last.Text("spec", "color").ShouldBe("blue");
        last.At("spec", "size").ShouldBeNull();
    }

    [Fact]
    public async Task Namespace_Deleted_TakesItsContentAlong()
    {
        await SendAsync(HttpMethod.Post, "/api/v1/namespaces", "{apiVersion: v1, kind: Namespace, metadata: {name: team}}", HttpStatusCode.Created);
        await SendAsync(HttpMethod.Post, "/api/v1/namespaces/team/configmaps", "{apiVersion: v1, kind: ConfigMap, metadata: {name: c}, data: {a: b}}", HttpStatusCode.Created);
        using WatchLines watch = await WatchAsync("&fieldSelector=metadata.name%3Dteam", "/api/v1/namespaces");
        (await watch.NextTextAsync()).ShouldBe("ADDED team");

        await SendAsync(HttpMethod.Delete, "/api/v1/namespaces/team", null, HttpStatusCode.OK);

        (await watch.NextTextAsync()).ShouldBe("MODIFIED team");
        (await watch.NextTextAsync()).ShouldBe("DELETED team");
        await GetAsync("/api/v1/namespaces/team/configmaps/c", HttpStatusCode.NotFound);
        await SendAsync(HttpMethod.Post, "/api/v1/namespaces/team/configmaps", "{apiVersion: v1, kind: ConfigMap, metadata: {name: c}}", HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task Definition_DescribingMetadata_IsRefusedAsByARealServer()
    {
        string definition = Widgets.Definition.Replace("properties:\n          spec:", "properties:\n          metadata: {type: object, description: x}\n          spec:", StringComparison.Ordinal);
        definition.ShouldContain("description: x");

        await SendAsync(HttpMethod.Post, "/apis/apiextensions.k8s.io/v1/customresourcedefinitions", definition, HttpStatusCode.UnprocessableEntity);
    }

    [Fact]
    public async Task Definition_Deleted_IsServedNoMore()
    {
        await CreateAsync(Widgets.Named("one"));
        await SendAsync(HttpMethod.Delete, "/apis/apiextensions.k8s.io/v1/customresourcedefinitions/widgets.example.test", null, HttpStatusCode.OK);

        await GetAsync(Widgets.Path, HttpStatusCode.NotFound);
    }
}
