using System.Text.Json.Nodes;
using PushPlatform.Kubernetes.Client;
using PushPlatform.Kubernetes.Models;
using Shouldly;
using Xunit;

namespace PushPlatform.Tests.Integration.Kubernetes;

/// <summary>What we expect of any API server's watches.</summary>
public abstract class WatchSpec(ApiServerUnderTest server) : IAsyncLifetime
{
    /// <summary>A real server sends a bookmark about once a minute.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(100);

    private string _namespace = "";

    private KubernetesClient Client { get; } = server.NewClient();

    public async ValueTask InitializeAsync() => _namespace = await server.NewNamespaceAsync();

    public ValueTask DisposeAsync()
    {
        Client.Dispose();
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task Watch_FromAListsVersion_SeesAllThatCameAfterItAndNothingBefore()
    {
        await CreateAsync("before");
        var list = await Client.ListAsync<V1ConfigMap>(_namespace);
        await CreateAsync("a");
        await PatchAsync("a", new JsonObject { ["data"] = new JsonObject { ["k"] = "v" } });
        await Client.DeleteAsync<V1ConfigMap>("a", _namespace);
        await CreateAsync("b");

        var seen = await TakeAsync(list.ResourceVersion, change => change.Key.Name == "b");

        seen.Select(change => (change.Type, change.Key.Name)).ShouldBe([
            (WatchEventType.Added, "a"), (WatchEventType.Modified, "a"), (WatchEventType.Deleted, "a"), (WatchEventType.Added, "b")]);
        seen.ShouldAllBe(change => change.Entity!.ResourceVersion() == change.ResourceVersion);
        seen[1].Entity!.Data.ShouldNotBeNull()["k"].ShouldBe("v");
    }

    [Fact]
    public async Task Watch_BegunEarlier_SeesWhatHappensLater()
    {
        var list = await Client.ListAsync<V1ConfigMap>(_namespace);
        var watch = TakeAsync(list.ResourceVersion, change => change.Key.Name == "late");

        await CreateAsync("early");
        await CreateAsync("late");

        (await watch).Select(change => change.Key.Name).ShouldBe(["early", "late"]);
    }

    [Fact]
    public async Task Watch_WithASelector_TellsAnObjectThatLeavesItAsDeleted()
    {
        var list = await Client.ListAsync<V1ConfigMap>(_namespace);
        await CreateAsync("a", ("in", "yes"));
        await CreateAsync("other");
        await PatchAsync("a", new JsonObject { ["metadata"] = new JsonObject { ["labels"] = new JsonObject { ["in"] = null } } });

        var seen = await TakeAsync(list.ResourceVersion, change => change.Type == WatchEventType.Deleted, "in=yes");

        seen.Select(change => (change.Type, change.Key.Name)).ShouldBe([(WatchEventType.Added, "a"), (WatchEventType.Deleted, "a")]);
    }

    [Fact]
    public async Task Watch_OfAQuietKind_StillGetsBookmarksThatMoveOn()
    {
        var list = await Client.ListAsync<Toy>(_namespace);
        var first = FirstAsync(list.ResourceVersion);

        // An older server has nothing new to say while no object of the kind changes anywhere.
        var elsewhere = await server.NewNamespaceAsync();
        for (var i = 0; !first.IsCompleted; i++)
        {
            await Client.ApplyAsync(new Toy { Metadata = { Name = "elsewhere", NamespaceProperty = elsewhere }, Spec = { Replicas = i % 100 } }, "spec");
            await Task.WhenAny(first, Task.Delay(TimeSpan.FromSeconds(1)));
        }

        var bookmark = await first;
        bookmark.Type.ShouldBe(WatchEventType.Bookmark);
        long.Parse(bookmark.ResourceVersion).ShouldBeGreaterThanOrEqualTo(long.Parse(list.ResourceVersion));

        async Task<WatchEvent<Toy>> FirstAsync(string version)
        {
            using var impatience = new CancellationTokenSource(Patience);
            await foreach (var change in Client.WatchAsync<Toy>(version, _namespace, cancellationToken: impatience.Token))
            {
                return change;
            }

            throw new InvalidOperationException("the watch ended without a bookmark");
        }
    }

    [Fact]
    public async Task Watch_FromAVersionLongGone_IsExpired()
    {
        var list = await Client.ListAsync<V1ConfigMap>(_namespace);
        await CreateAsync("a");
        await server.ForgetAsync(i => PatchAsync("a", new JsonObject { ["data"] = new JsonObject { ["k"] = i.ToString() } }));

        var refusal = await Should.ThrowAsync<KubernetesException>(() => TakeAsync(list.ResourceVersion, _ => false));

        refusal.IsExpired.ShouldBeTrue();
    }

    private Task<V1ConfigMap> CreateAsync(string name, params (string Key, string Value)[] labels) => Client.CreateAsync(new V1ConfigMap
    {
        Metadata = { Name = name, NamespaceProperty = _namespace, Labels = labels.ToDictionary(label => label.Key, label => label.Value) },
    });

    private Task PatchAsync(string name, JsonObject patch) => Client.PatchAsync<V1ConfigMap>(V1Patch.Merge(patch), name, _namespace);

    /// <summary>Everything but bookmarks (and what a real cluster puts into each namespace), up to and including the last.</summary>
    private async Task<List<WatchEvent<V1ConfigMap>>> TakeAsync(string from, Func<WatchEvent<V1ConfigMap>, bool> isLast, string? selector = null)
    {
        using var impatience = new CancellationTokenSource(Patience);
        var seen = new List<WatchEvent<V1ConfigMap>>();
        await foreach (var change in Client.WatchAsync<V1ConfigMap>(from, _namespace, selector, cancellationToken: impatience.Token))
        {
            if (change.Type != WatchEventType.Bookmark && change.Key.Name != "kube-root-ca.crt")
            {
                seen.Add(change);
                if (isLast(change))
                {
                    break;
                }
            }
        }

        return seen;
    }
}

public sealed class LocalClusterWatchSpec(LocalClusterUnderTest server) : WatchSpec(server), IClassFixture<LocalClusterUnderTest>;
