using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using PushPlatform.LocalCluster.Api.Deleting;
using PushPlatform.LocalCluster.Api.Resources;
using PushPlatform.LocalCluster.Api.Storage;
using PushPlatform.LocalCluster.Api.Writing;

namespace PushPlatform.LocalCluster.Api.Http;

/// <summary>DELETE of one object and of a selected collection.</summary>
internal sealed class DeleteEndpoints(ObjectStore store, ResourceRegistry registry, ObjectWriter writer, WriteEndpoints writes, GarbageCollector collector, TimeProvider time)
{
    public async Task DeleteAsync(HttpContext context, RequestTarget target)
    {
        DeleteOptions options = await OptionsAsync(context);
        JsonObject result = Delete(context.Request, target, options, out bool removed);
        ResourceKind kind = target.Kind;
        bool answersWithStatus = removed && kind is not { Kind: "Pod", Group: "" };
        await Bodies.WriteAsync(context.Response, 200, answersWithStatus ? Success(result, kind) : ObjectWriter.InVersion(result, kind));
    }

    public async Task DeleteCollectionAsync(HttpContext context, RequestTarget target)
    {
        DeleteOptions options = await OptionsAsync(context);
        ObjectFilter filter = ObjectFilter.Of(context.Request.Query, target);
        List<JsonObject> matching = [.. store.List(filter.Includes).Items.Select(item => ObjectWriter.InVersion(item.Value, target.Kind)).Where(filter.Matches)];
        foreach (JsonObject value in matching)
        {
            Delete(context.Request, target with { Name = value.Name(), Namespace = value.Namespace() }, options, out _);
        }
        await Bodies.WriteAsync(context.Response, 200, new JsonObject
        {
            ["kind"] = target.Kind.ListKind,
            ["apiVersion"] = target.Kind.ApiVersion,
            ["metadata"] = new JsonObject { ["resourceVersion"] = $"{store.Revision}" },
            ["items"] = JsonAccess.ArrayOf(matching),
        });
    }

    private JsonObject Delete(HttpRequest http, RequestTarget target, DeleteOptions options, out bool removed)
    {
        WriteRequest request = writes.Request(http, target);
        bool gone = false;
        JsonObject result = writer.Delete(request, current =>
        {
            JsonObject? marked = Deletion.Mark(current, target.Kind, options, time.GetUtcNow());
            gone = marked is null;
            if (options.Orphan && !request.DryRun)
            {
                // Before the owner goes, as the finalizer `orphan` has it: afterwards the collector's loop would take them for abandoned.
                collector.Orphan(current.Uid());
            }
            return marked;
        });
        removed = gone;
        if (gone && target.Kind.Kind == "CustomResourceDefinition" && !request.DryRun)
        {
            registry.Replace(CustomResources.Group(result), CustomResources.Plural(result), []);
        }
        return result;
    }

    private static async Task<DeleteOptions> OptionsAsync(HttpContext context)
    {
        JsonNode? body = await Bodies.ReadAsync(context.Request, context.RequestAborted);
        IQueryCollection query = context.Request.Query;
        long? grace = long.TryParse(query["gracePeriodSeconds"], out long seconds) ? seconds : body.Number("gracePeriodSeconds");
        string? policy = query["propagationPolicy"].ToString() is { Length: > 0 } asked ? asked : body.Text("propagationPolicy");
        return new DeleteOptions(grace, policy == "Orphan" || body.Flag("orphanDependents"), body.Text("preconditions", "uid"), body.Text("preconditions", "resourceVersion"));
    }

    private static JsonObject Success(JsonObject removed, ResourceKind kind)
    {
        JsonObject details = new() { ["name"] = removed.Name(), ["group"] = kind.Group, ["kind"] = kind.Plural, ["uid"] = removed.Uid() };
        return new JsonObject { ["kind"] = "Status", ["apiVersion"] = "v1", ["metadata"] = new JsonObject(), ["status"] = "Success", ["details"] = details };
    }
}
