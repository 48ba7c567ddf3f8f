using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using PushPlatform.LocalCluster.Api.Reading;
using PushPlatform.LocalCluster.Api.Resources;
using PushPlatform.LocalCluster.Api.Storage;
using PushPlatform.LocalCluster.Api.Writing;

namespace PushPlatform.LocalCluster.Api.Http;

/// <summary>
/// Watches: a cursor over the store's history, so a slow reader costs no queue; when the history has moved past it, it gets 410.
/// </summary>
internal sealed class WatchEndpoint(ObjectStore store, TimeProvider time, TimeSpan bookmarkInterval)
{
    private static readonly TimeSpan DefaultTimeout = TimeSpan.FromMinutes(30);

    public async Task WatchAsync(HttpContext context, RequestTarget target)
    {
        ObjectFilter filter = ObjectFilter.Of(context.Request.Query, target);
        long? from = Version(context.Request.Query["resourceVersion"]);
        bool initial = context.Request.Query["sendInitialEvents"] == "true";
        using CancellationTokenSource end = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted);
        TimeSpan timeout = long.TryParse(context.Request.Query["timeoutSeconds"], out long seconds) && seconds > 0 ? TimeSpan.FromSeconds(seconds) : DefaultTimeout;
        using ITimer timer = time.CreateTimer(_ => end.Cancel(), null, timeout, Timeout.InfiniteTimeSpan);

        context.Response.ContentType = "application/json";
        Stream stream = new(context, target.Kind, time);
        try
        {
            long cursor = from is null || initial ? await ReplayAsync(stream, filter, initial, end.Token) : from.Value;
            await stream.FlushAsync(end.Token);
            await FollowAsync(stream, filter, cursor, context.Request.Query["allowWatchBookmarks"] == "true", end.Token);
        }
        catch (ApiException error)
        {
            await stream.SendAsync("ERROR", error.ToStatus(), end.Token);
        }
        catch (OperationCanceledException) when (!context.RequestAborted.IsCancellationRequested)
        {
            // The watch has lasted as long as asked: it ends like any response.
        }
    }

    // Unset and 0 both mean "any state, then what follows".
    private static long? Version(string? text)
    {
        if (text is null or "" or "0")
        {
            return null;
        }
        return long.TryParse(text, out long version) ? version : throw ApiException.BadRequest($"invalid resource version: {text}");
    }

    private async Task<long> ReplayAsync(Stream stream, ObjectFilter filter, bool markEnd, CancellationToken cancellation)
    {
        Snapshot snapshot = store.List(filter.Includes);
        foreach ((_, JsonObject stored) in snapshot.Items)
        {
            JsonObject value = ObjectWriter.InVersion(stored, stream.Kind);
            if (filter.Matches(value))
            {
                await stream.SendAsync("ADDED", value, cancellation);
            }
        }
        if (markEnd)
        {
            await stream.BookmarkAsync(snapshot.Revision, endsInitialEvents: true, cancellation);
        }
        return snapshot.Revision;
    }

    private async Task FollowAsync(Stream stream, ObjectFilter filter, long cursor, bool bookmarks, CancellationToken cancellation)
    {
        while (true)
        {
            (long upTo, IReadOnlyList<Change> changes) = store.ChangesAfter(cursor);
            foreach (Change change in changes.Where(change => filter.Includes(change.Key)))
            {
                if (Event(change, filter, stream.Kind) is { } seen)
                {
                    await stream.SendAsync(seen.Type, seen.Value, cancellation);
                }
            }
            cursor = Math.Max(cursor, upTo);
            try
            {
                await store.ChangedAfterAsync(cursor).WaitAsync(bookmarkInterval, time, cancellation);
            }
            catch (TimeoutException)
            {
                // Also when nothing changed: it tells the client that the connection lives.
                if (bookmarks)
                {
                    await stream.BookmarkAsync(cursor, endsInitialEvents: false, cancellation);
                }
            }
        }
    }

    // To a watcher with a selector an object that starts to match is new and one that ceases to match is gone.
    private static (string Type, JsonObject Value)? Event(Change change, ObjectFilter filter, ResourceKind kind)
    {
        JsonObject value = ObjectWriter.InVersion(change.Object, kind);
        JsonObject? previous = change.Previous is null ? null : ObjectWriter.InVersion(change.Previous, kind);
        bool matched = previous is not null && filter.Matches(previous);
        bool matches = change.Type != ChangeType.Deleted && filter.Matches(value);
        if (previous is not null && matched && !matches)
        {
            previous.Metadata()["resourceVersion"] = $"{change.Revision}";
            return ("DELETED", previous);
        }
        return (matched, matches) switch
        {
            (false, true) => ("ADDED", value),
            (true, true) => ("MODIFIED", value),
            _ => null,
        };
    }

    /// <summary>The response: one JSON object a line, each flushed at once.</summary>
    private sealed class Stream(HttpContext context, ResourceKind kind, TimeProvider time)
    {
        private readonly bool _asTable = ReadEndpoints.AsksFor(context.Request.Headers.Accept.ToString(), "Table");
        private readonly bool _metadataOnly = ReadEndpoints.AsksFor(context.Request.Headers.Accept.ToString(), "PartialObjectMetadata");
        private bool _columnsSent;

        public ResourceKind Kind => kind;

        public Task FlushAsync(CancellationToken cancellation) => context.Response.Body.FlushAsync(cancellation);

        public Task SendAsync(string type, JsonObject value, CancellationToken cancellation) =>
            WriteAsync(type, type == "ERROR" ? value : Shaped(value), cancellation);

        public Task BookmarkAsync(long revision, bool endsInitialEvents, CancellationToken cancellation)
        {
            JsonObject metadata = new() { ["resourceVersion"] = $"{revision}", ["creationTimestamp"] = null };
            if (endsInitialEvents)
            {
                metadata["annotations"] = new JsonObject { ["k8s.io/initial-events-end"] = "true" };
            }
            JsonObject value = new() { ["kind"] = kind.Kind, ["apiVersion"] = kind.ApiVersion, ["metadata"] = metadata };
            return WriteAsync("BOOKMARK", _asTable ? TableView.Of(kind, [], metadata, null, time.GetUtcNow(), withColumns: false) : value, cancellation);
        }

        private JsonObject Shaped(JsonObject value)
        {
            if (!_asTable)
            {
                return _metadataOnly ? TableView.MetadataOnly(value) : value;
            }
            JsonObject table = TableView.Of(kind, [value], null, context.Request.Query["includeObject"], time.GetUtcNow(), withColumns: !_columnsSent);
            _columnsSent = true;
            return table;
        }

        private async Task WriteAsync(string type, JsonNode value, CancellationToken cancellation)
        {
            byte[] line = [.. Bodies.Encode(new JsonObject { ["type"] = type, ["object"] = value }), (byte)'\n'];
            await context.Response.Body.WriteAsync(line, cancellation);
            await context.Response.Body.FlushAsync(cancellation);
        }
    }
}
