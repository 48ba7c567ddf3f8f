using System.Text.Json.Nodes;
using PushPlatform.LocalCluster.Api.Resources;
using PushPlatform.LocalCluster.Api.Storage;

namespace PushPlatform.LocalCluster.Api.Deleting;

/// <summary>
/// Deletes what lost its owners, the content of namespaces that are going, and the objects of definitions that are gone. One loop,
/// owned by the server; it looks at everything after each change, which is cheap at the size of a test cluster.
/// </summary>
internal sealed class GarbageCollector(ObjectStore store, ResourceRegistry registry, TimeProvider time)
{
    private static readonly DeleteOptions Background = new(GracePeriodSeconds: null, Orphan: false, Uid: null, ResourceVersion: null);

    /// <summary>Runs until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellation)
    {
        while (true)
        {
            long seen = store.Revision;
            foreach ((ObjectKey key, JsonObject value) in store.List(_ => true).Items)
            {
                if (IsAbandoned(key, value))
                {
                    Delete(key, value);
                }
            }
            FinishNamespaces();
            await store.ChangedAfterAsync(seen).WaitAsync(cancellation);
        }
    }

    /// <summary>Frees the dependents of an object that is about to be deleted with the policy Orphan. To be called while the owner is still there.</summary>
    public void Orphan(string ownerUid)
    {
        foreach ((ObjectKey key, JsonObject value) in store.List(_ => true).Items)
        {
            JsonObject? current = value;
            while (current is not null && Owners(current).Contains(ownerUid))
            {
                JsonObject next = current.Copy();
                next.Metadata()["ownerReferences"] = JsonAccess.ArrayOf(current.Items("metadata", "ownerReferences").Where(owner => owner.Text("uid") != ownerUid).Select(owner => owner?.DeepClone()));
                current = store.TryReplace(key, current, next) ? null : store.Get(key);
            }
        }
    }

    private static IEnumerable<string> Owners(JsonObject value) => value.Items("metadata", "ownerReferences").Select(owner => owner.Text("uid") ?? "");

    private bool IsAbandoned(ObjectKey key, JsonObject value)
    {
        if (value.IsTerminating())
        {
            return false;
        }
        bool ownersGone = Owners(value).Any() && !Owners(value).Any(store.HasUid);
        return ownersGone || !IsServed(key) || IsNamespaceGoing(key);
    }

    private bool IsServed(ObjectKey key) => registry.Kinds.Any(kind => kind.Collection == key.Collection);

    private bool IsNamespaceGoing(ObjectKey key) =>
        key.Namespace.Length > 0 && (store.Get(new ObjectKey("/namespaces", "", key.Namespace))?.IsTerminating() ?? true);

    private void Delete(ObjectKey key, JsonObject value)
    {
        // Whoever lost the race is looked at again: the other write is a change, too.
        ResourceKind? kind = registry.Kinds.FirstOrDefault(kind => kind.Collection == key.Collection);
        JsonObject? marked = kind is null ? null : Deletion.Mark(value, kind, Background, time.GetUtcNow());
        _ = marked is null ? store.TryRemove(key, value) : store.TryReplace(key, value, marked);
    }

    private void FinishNamespaces()
    {
        foreach ((ObjectKey key, JsonObject value) in store.List(key => key.Collection == "/namespaces").Items)
        {
            if (value.IsTerminating() && !value.HasFinalizers() && store.List(other => other.Namespace == key.Name).Items.Count == 0)
            {
                store.TryRemove(key, value);
            }
        }
    }
}
