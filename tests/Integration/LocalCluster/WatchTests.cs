using System.Net;
using System.Text.Json.Nodes;
using PushPlatform.LocalCluster.Api;
using Shouldly;
using Xunit;

namespace PushPlatform.Tests.Integration.LocalCluster;

public sealed class WatchTests : ApiFixture
{
    private protected override LocalApiOptions Options => new() { HistoryLimit = 5, BookmarkInterval = TimeSpan.FromMilliseconds(50) };

    [Theory]
    [InlineData("")]
    [InlineData("&resourceVersion=0")]
    public async Task Watch_WithoutVersion_ReplaysWhatIsThereThenFollows(string version)
    {
        await CreateAsync(Widgets.Named("one"));
        using WatchLines watch = await WatchAsync(version);
        (await watch.NextTextAsync()).ShouldBe("ADDED one");

        await CreateAsync(Widgets.Named("two"));
        await MergeAsync(Widgets.Path + "/one", "spec: {color: blue}");
        await SendAsync(HttpMethod.Delete, Widgets.Path + "/two", null, HttpStatusCode.OK);

        (await watch.NextTextAsync()).ShouldBe("ADDED two");
        (await watch.NextTextAsync()).ShouldBe("MODIFIED one");
        (await watch.NextTextAsync()).ShouldBe("DELETED two");
    }

    [Fact]
    public async Task Watch_FromAVersion_TellsJustWhatCameAfter()
    {
        string version = (await CreateAsync(Widgets.Named("one"))).ResourceVersion();
        await CreateAsync(Widgets.Named("two"));

        using WatchLines watch = await WatchAsync($"&resourceVersion={version}");

        (await watch.NextTextAsync()).ShouldBe("ADDED two");
    }

    [Fact]
    public async Task Watch_FromATooOldVersion_Gets410AsAnEvent()
    {
        string version = (await CreateAsync(Widgets.Named("one"))).ResourceVersion();
        for (int i = 0; i < 10; i++)
        {
            await MergeAsync(Widgets.Path + "/one", $"spec: {{size: {i + 1}}}");
        }

        using WatchLines watch = await WatchAsync($"&resourceVersion={version}");
        JsonObject? change = await watch.NextAsync();

        change.Text("type").ShouldBe("ERROR");
        change.Number("object", "code").ShouldBe(410);
        change.Text("object", "reason").ShouldBe("Expired");
        (await watch.NextAsync()).ShouldBeNull();
    }

    [Fact]
    public async Task Watch_WithBookmarks_LearnsVersionsOfOtherObjects()
    {
        using WatchLines watch = await WatchAsync("&allowWatchBookmarks=true&fieldSelector=metadata.name%3Done");
        long version = long.Parse((await CreateAsync(Widgets.Named("two"))).ResourceVersion());

        long bookmarked = 0;
        while (bookmarked < version)
        {
            JsonObject? change = await watch.NextAsync();
            change.Text("type").ShouldBe("BOOKMARK");
            bookmarked = long.Parse(change.Text("object", "metadata", "resourceVersion")!);
        }
    }

    [Fact]
    public async Task Watch_WithTimeout_IsEndedByTheServer()
    {
        using WatchLines watch = await WatchAsync("&timeoutSeconds=1");

        (await watch.NextAsync()).ShouldBeNull();
    }

    [Fact]
    public async Task Watch_ObjectThatLeavesTheSelector_IsDeletedForTheWatcher()
    {
        using WatchLines watch = await WatchAsync("&labelSelector=team%3Da");
        await CreateAsync(Widgets.Named("one", metadata: "labels: {team: a}"));
        JsonObject moved = await MergeAsync(Widgets.Path + "/one", "metadata: {labels: {team: b}}");
        await MergeAsync(Widgets.Path + "/one", "metadata: {labels: {team: a}}");

        (await watch.NextTextAsync()).ShouldBe("ADDED one");
        JsonObject? left = await watch.NextAsync();
        left.Text("type").ShouldBe("DELETED");
        left.Text("object", "metadata", "resourceVersion").ShouldBe(moved.ResourceVersion());
        (await watch.NextTextAsync()).ShouldBe("ADDED one");
    }

    [Fact]
    public async Task Watch_WithInitialEvents_MarksWhereTheyEnd()
    {
        await CreateAsync(Widgets.Named("one"));
        using WatchLines watch = await WatchAsync("&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true");

        (await watch.NextTextAsync()).ShouldBe("ADDED one");
        (await watch.NextAsync()).Text("object", "metadata", "annotations", "k8s.io/initial-events-end").ShouldBe("true");
    }

    [Fact]
    public async Task Events_OfBothGroups_AreOneStore()
    {
        await SendAsync(HttpMethod.Post, "/apis/events.k8s.io/v1/namespaces/default/events", """
            apiVersion: events.k8s.io/v1
            kind: Event
            metadata: {name: e}
            regarding: {kind: Widget, name: one, uid: u}
            reason: Started
            note: It began.
            type: Normal
            """, HttpStatusCode.Created);

        JsonObject core = await GetAsync("/api/v1/namespaces/default/events?fieldSelector=involvedObject.name%3Done");

        core.Items("items").ShouldHaveSingleItem().Text("message").ShouldBe("It began.");
        (await GetAsync("/apis/events.k8s.io/v1/namespaces/default/events/e")).Text("note").ShouldBe("It began.");
    }
}
