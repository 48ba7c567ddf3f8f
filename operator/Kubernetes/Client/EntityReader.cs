using System.Net;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using PushPlatform.Kubernetes.Models;

namespace PushPlatform.Kubernetes.Client;

/// <summary>Turns the API server's JSON into entities and watch events.</summary>
internal sealed class EntityReader(KubernetesJson json, KubernetesMetrics metrics, ILogger logger)
{
    /// <summary>
    /// Deeper than API servers accept (10,000). An object nested deeper than its type may be is then unreadable by itself; at the default of 64 it would
    /// make the whole list or watch unreadable, and whoever may create one such object could blind the operator.
    /// </summary>
    public static readonly JsonDocumentOptions Documents = new() { MaxDepth = 11_000 };

    public TEntity Read<TEntity>(JsonElement element) =>
        element.Deserialize(json.TypeInfo<TEntity>()) ?? throw new JsonException($"the API server answered null instead of a {typeof(TEntity).Name}");

    /// <summary>Null when the object does not fit the type: one bad object must not blind the operator to all others.</summary>
    public TEntity? TryRead<TEntity>(JsonElement element)
        where TEntity : class, IKubernetesObject<V1ObjectMeta>
    {
        try
        {
            var entity = Read<TEntity>(element);
            // The items of the built-in kinds' lists come without these two.
            var kind = KubernetesEntityAttribute.Of(typeof(TEntity));
            (entity.ApiVersion, entity.Kind) = (kind.GroupVersion, kind.Kind);
            return entity;
        }
        catch (JsonException exception)
        {
            var kind = typeof(TEntity).Name;
            metrics.Unreadable.Add(1, new KeyValuePair<string, object?>("kind", kind));
            Log.Unreadable(logger, kind, KeyOf(element), exception);
            return null;
        }
    }

    /// <summary>Null for a type of event that a newer server invented.</summary>
    /// <exception cref="KubernetesException">The server ended the watch with an error.</exception>
    public WatchEvent<TEntity>? ReadEvent<TEntity>(JsonElement line, string path)
        where TEntity : class, IKubernetesObject<V1ObjectMeta>
    {
        var entity = line.GetProperty("object");
        WatchEventType type;
        switch (line.GetProperty("type").GetString())
        {
            case "ADDED":
                type = WatchEventType.Added;
                break;
            case "MODIFIED":
                type = WatchEventType.Modified;
                break;
            case "DELETED":
                type = WatchEventType.Deleted;
                break;
            case "BOOKMARK":
                return new WatchEvent<TEntity>(WatchEventType.Bookmark, VersionOf(entity), new NamespacedName("", ""), Entity: null);
            case "ERROR":
                var status = Read<V1Status>(entity);
                throw new KubernetesException(status, (HttpStatusCode)(status.Code ?? 500), request: $"watch {path}");
            default:
                return null;
        }

        return new WatchEvent<TEntity>(type, VersionOf(entity), KeyOf(entity), TryRead<TEntity>(entity));
    }

    public static NamespacedName KeyOf(JsonElement entity) => new(MetadataText(entity, "namespace"), MetadataText(entity, "name"));

    private static string VersionOf(JsonElement entity) => MetadataText(entity, "resourceVersion");

    private static string MetadataText(JsonElement entity, string key) =>
        entity.TryGetProperty("metadata", out var metadata) && metadata.TryGetProperty(key, out var value) ? value.GetString() ?? "" : "";
}
