using PushPlatform.Kubernetes.Client;
using PushPlatform.Kubernetes.Informers;
using PushPlatform.Kubernetes.Models;
using Shouldly;
using Xunit;

namespace PushPlatform.Tests.Unit.Kubernetes;

public sealed class EntityStoreTests
{
    private readonly EntityStore<V1ConfigMap> _store = new();

    [Fact]
    public void Replace_FirstList_TellsOfEveryObjectAndIsSynced()
    {
        _store.HasSynced.ShouldBeFalse();

        var changes = _store.Replace(List(Map("a", "1"), Map("b", "2")));

        Describe(changes).ShouldBe(["+a@1", "+b@2"]);
        _store.HasSynced.ShouldBeTrue();
        _store.Get(new NamespacedName("ns", "a")).ShouldNotBeNull();
        _store.List("ns").Count.ShouldBe(2);
        _store.List("other").ShouldBeEmpty();
    }

    [Fact]
    public void Replace_ObjectThatWentWhileNobodyWatched_IsToldAsDeleted()
    {
        _store.Replace(List(Map("a", "1"), Map("b", "2"), Map("c", "3")));

        var changes = _store.Replace(List(Map("b", "2"), Map("c", "9")));

        Describe(changes).ShouldBe(["c@3>c@9", "-a@1"]);
    }

    [Fact]
    public void Replace_ObjectMadeAgainUnderItsName_IsTwoObjects()
    {
        _store.Replace(List(Map("a", "1", uid: "first")));

        Describe(_store.Replace(List(Map("a", "5", uid: "second")))).ShouldBe(["-a@1", "+a@5"]);
    }

    [Fact]
    public void Replace_ObjectThatCannotBeReadAnyMore_StaysAsItWas()
    {
        _store.Replace(List(Map("a", "1")));

        _store.Replace(new EntityList<V1ConfigMap>("9", [], [new NamespacedName("ns", "a")])).ShouldBeEmpty();

        _store.Get(new NamespacedName("ns", "a")).ShouldNotBeNull();
    }

    [Fact]
    public void Apply_FollowsTheWatch()
    {
        _store.Replace(List(Map("a", "1")));

        Describe(_store.Apply(Event(WatchEventType.Added, Map("b", "2")))).ShouldBe(["+b@2"]);
        Describe(_store.Apply(Event(WatchEventType.Modified, Map("a", "3")))).ShouldBe(["a@1>a@3"]);
        Describe(_store.Apply(Event(WatchEventType.Modified, Map("a", "3")))).ShouldBeEmpty();
        Describe(_store.Apply(Event(WatchEventType.Deleted, Map("a", "4")))).ShouldBe(["-a@4"]);
        Describe(_store.Apply(Event(WatchEventType.Deleted, Map("a", "4")))).ShouldBeEmpty();
        _store.Apply(new WatchEvent<V1ConfigMap>(WatchEventType.Bookmark, "9", new NamespacedName("", ""), null)).ShouldBeEmpty();
        _store.List().Select(map => map.Name()).ShouldBe(["b"]);
    }

    [Fact]
    public void Apply_ChangedIntoSomethingUnreadable_KeepsTheLastReadableState_ButItsDeletionCounts()
    {
        _store.Replace(List(Map("a", "1")));
        var key = new NamespacedName("ns", "a");

        _store.Apply(new WatchEvent<V1ConfigMap>(WatchEventType.Modified, "2", key, null)).ShouldBeEmpty();
        _store.Get(key).ShouldNotBeNull();

        Describe(_store.Apply(new WatchEvent<V1ConfigMap>(WatchEventType.Deleted, "3", key, null))).ShouldBe(["-a@1"]);
    }

    [Theory]
    [InlineData(false, "status")]
    [InlineData(true, "generation")]
    [InlineData(true, "label")]
    [InlineData(true, "annotation")]
    [InlineData(true, "finalizer")]
    [InlineData(true, "deletion")]
    public void Change_MattersToItsController_WhenAPersonCanHaveDecidedIt(bool matters, string what)
    {
        var before = new V1Deployment { Metadata = { Generation = 1, ResourceVersion = "1", Labels = new() { ["a"] = "1" } } };
        var after = new V1Deployment { Metadata = { Generation = 1, ResourceVersion = "2", Labels = new() { ["a"] = "1" } } };
        switch (what)
        {
            case "generation": after.Metadata.Generation = 2; break;
            case "label": after.Metadata.Labels["a"] = "2"; break;
            case "annotation": after.Metadata.Annotations = new() { ["x"] = "y" }; break;
            case "finalizer": after.Metadata.Finalizers = ["a/b"]; break;
            case "deletion": after.Metadata.DeletionTimestamp = DateTimeOffset.UnixEpoch; break;
            default: after.Status = new V1DeploymentStatus { Replicas = 3 }; break;
        }

        new EntityChange<V1Deployment>(before, after).MattersToItsController().ShouldBe(matters);
    }

    [Fact]
    public void Change_OfAKindWithoutGeneration_AlwaysMatters() =>
        new EntityChange<V1ConfigMap>(Map("a", "1"), Map("a", "2")).MattersToItsController().ShouldBeTrue();

    private static V1ConfigMap Map(string name, string version, string uid = "uid") =>
        new() { Metadata = { Name = name, NamespaceProperty = "ns", ResourceVersion = version, Uid = uid + name } };

    private static EntityList<V1ConfigMap> List(params V1ConfigMap[] items) => new("9", items, []);

    private static WatchEvent<V1ConfigMap> Event(WatchEventType type, V1ConfigMap map) => new(type, map.ResourceVersion()!, map.Key(), map);

    private static IEnumerable<string> Describe(IEnumerable<EntityChange<V1ConfigMap>> changes) => changes.Select(change => change switch
    {
        (null, { } added) => $"+{Name(added)}",
        ({ } gone, null) => $"-{Name(gone)}",
        var (old, now) => $"{Name(old!)}>{Name(now!)}",
    });

    private static string Name(V1ConfigMap map) => $"{map.Name()}@{map.ResourceVersion()}";
}
