using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using PushPlatform.LocalCluster.Api;

namespace PushPlatform.LocalCluster.Runner;

/// <summary>A copy of one collection that follows the API server; says after each change that there was one.</summary>
internal sealed class Mirror(ClusterApi api, string collection, Action changed, RunnerLog log, TimeProvider time)
{
    private static readonly TimeSpan RetryAfter = TimeSpan.FromMilliseconds(500);
    private readonly ConcurrentDictionary<string, JsonObject> _byUid = new();
    private readonly TaskCompletionSource _listed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Completes with the first list.</summary>
    public Task Listed => _listed.Task;

    public IEnumerable<JsonObject> Items => _byUid.Values;

    public JsonObject? Find(string uid) => _byUid.GetValueOrDefault(uid);

    /// <summary>Takes over what a write of our own answered, unless something newer is here already.</summary>
    public void Note(JsonObject value) => _byUid.AddOrUpdate(value.Uid(), value, (_, known) => Version(known) > Version(value) ? known : value);

    /// <summary>Runs until cancelled; begins again with a list whenever a watch breaks.</summary>
    public async Task RunAsync(CancellationToken cancellation)
    {
        while (true)
        {
            try
            {
                string version = await ListAsync(cancellation);
                await FollowAsync(version, cancellation);
            }
            catch (Exception error) when (!cancellation.IsCancellationRequested)
            {
                log.Write($"{collection}: {error.Message}");
                await Task.Delay(RetryAfter, time, cancellation);
            }
        }
    }

    private static long Version(JsonObject value) => long.TryParse(value.ResourceVersion(), out long version) ? version : 0;

    private async Task<string> ListAsync(CancellationToken cancellation)
    {
        JsonObject list = await api.GetAsync(collection, cancellation);
        HashSet<string> present = [];
        foreach (JsonObject value in list.Items("items").OfType<JsonObject>())
        {
            present.Add(value.Uid());
            _byUid[value.Uid()] = value;
        }
        foreach (string gone in _byUid.Keys.Where(uid => !present.Contains(uid)).ToList())
        {
            _byUid.TryRemove(gone, out _);
        }
        _listed.TrySetResult();
        changed();
        return list.ResourceVersion();
    }

    private async Task FollowAsync(string version, CancellationToken cancellation)
    {
        while (true)
        {
            await foreach (JsonObject change in api.WatchAsync(collection, version, cancellation))
            {
                JsonObject value = (JsonObject)change["object"]!;
                if (change.Text("type") == "ERROR")
                {
                    throw new IOException(value.Text("message"));
                }
                version = value.ResourceVersion();
                if (change.Text("type") == "BOOKMARK")
                {
                    continue;
                }
                if (change.Text("type") == "DELETED")
                {
                    _byUid.TryRemove(value.Uid(), out _);
                }
                else
                {
                    Note(value);
                }
                changed();
            }
        }
    }
}
