using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using PushPlatform.LocalCluster.Api.Reading;
using PushPlatform.LocalCluster.Api.Resources;
using PushPlatform.LocalCluster.Api.Storage;
using PushPlatform.LocalCluster.Api.Writing;

namespace PushPlatform.LocalCluster.Api.Http;

/// <summary>GET of one object and of lists, as objects, as tables or as their metadata alone.</summary>
internal sealed class ReadEndpoints(ObjectStore store, TimeProvider time)
{
    public async Task GetAsync(HttpContext context, RequestTarget target)
    {
        JsonObject value = Find(target);
        await Bodies.WriteAsync(context.Response, 200, Shaped(context.Request, target.Kind, value));
    }

    public async Task GetScaleAsync(HttpContext context, RequestTarget target) =>
        await Bodies.WriteAsync(context.Response, 200, ScaleForm.Of(Find(target), target.Kind));

    public async Task ListAsync(HttpContext context, RequestTarget target)
    {
        ResourceKind kind = target.Kind;
        ObjectFilter filter = ObjectFilter.Of(context.Request.Query, target);
        Snapshot snapshot = store.List(filter.Includes);
        List<JsonObject> items = [.. snapshot.Items.Select(item => ObjectWriter.InVersion(item.Value, kind)).Where(filter.Matches)];
        JsonObject metadata = Page(context.Request.Query, ref items, snapshot.Revision);

        string accept = context.Request.Headers.Accept.ToString();
        if (AsksFor(accept, "Table"))
        {
            await Bodies.WriteAsync(context.Response, 200, TableView.Of(kind, items, metadata, context.Request.Query["includeObject"], time.GetUtcNow()));
            return;
        }
        bool metadataOnly = AsksFor(accept, "PartialObjectMetadataList");
        await Bodies.WriteAsync(context.Response, 200, new JsonObject
        {
            ["kind"] = metadataOnly ? "PartialObjectMetadataList" : kind.ListKind,
            ["apiVersion"] = metadataOnly ? "meta.k8s.io/v1" : kind.ApiVersion,
            ["metadata"] = metadata,
            ["items"] = JsonAccess.ArrayOf(items.Select(item => metadataOnly ? TableView.MetadataOnly(item) : item)),
        });
    }

    /// <summary>The object in the shape that the Accept header asks for.</summary>
    public JsonObject Shaped(HttpRequest request, ResourceKind kind, JsonObject value)
    {
        string accept = request.Headers.Accept.ToString();
        if (AsksFor(accept, "Table"))
        {
            JsonObject metadata = new() { ["resourceVersion"] = value.ResourceVersion() };
            return TableView.Of(kind, [value], metadata, request.Query["includeObject"], time.GetUtcNow());
        }
        return AsksFor(accept, "PartialObjectMetadata") ? TableView.MetadataOnly(value) : value;
    }

    public static bool AsksFor(string accept, string form) => accept.Split(',')[0].Split(';').Any(part => part.Trim() == $"as={form}");

    private JsonObject Find(RequestTarget target)
    {
        JsonObject stored = store.Get(ObjectWriter.Key(target.Kind, target.Namespace, target.Name))
            ?? throw ApiException.NotFound(target.Kind.Group, target.Kind.Plural, target.Name);
        return ObjectWriter.InVersion(stored, target.Kind);
    }

    // A continue token is the first page's revision and the last name shown; it expires with the history, as etcd's does.
    private JsonObject Page(IQueryCollection query, ref List<JsonObject> items, long revision)
    {
        JsonObject metadata = new() { ["resourceVersion"] = $"{revision}" };
        if (query["continue"].ToString() is { Length: > 0 } token)
        {
            (long started, string lastNamespace, string lastName) = ReadToken(token);
            if (started < store.OldestWatchable)
            {
                throw new ApiException(410, "Expired", "The provided continue parameter is too old to display a consistent list result. You must start a new list without the continue parameter.");
            }
            metadata["resourceVersion"] = $"{started}";
            ObjectKey last = new("", lastNamespace, lastName);
            items = [.. items.Where(item => ObjectKey.Order.Compare(new ObjectKey("", item.Namespace(), item.Name()), last) > 0)];
        }
        if (int.TryParse(query["limit"], out int limit) && limit > 0 && items.Count > limit)
        {
            metadata["remainingItemCount"] = items.Count - limit;
            items = items[..limit];
            string next = $"{metadata.Text("resourceVersion")}/{items[^1].Namespace()}/{items[^1].Name()}";
            metadata["continue"] = Convert.ToBase64String(Encoding.UTF8.GetBytes(next));
        }
        return metadata;
    }

    private static (long Started, string Namespace, string Name) ReadToken(string token)
    {
        byte[] bytes = new byte[token.Length];
        string[] parts = Convert.TryFromBase64String(token, bytes, out int length) ? Encoding.UTF8.GetString(bytes, 0, length).Split('/') : [];
        return parts.Length == 3 && long.TryParse(parts[0], out long started)
            ? (started, parts[1], parts[2])
            : throw ApiException.BadRequest("continue key is not valid");
    }
}
