using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using PushPlatform.LocalCluster.Api.Patching;
using PushPlatform.LocalCluster.Api.Resources;
using PushPlatform.LocalCluster.Api.Writing;

namespace PushPlatform.LocalCluster.Api.Http;

/// <summary>POST, PUT and PATCH of objects, their status and their scale.</summary>
internal sealed class WriteEndpoints(ObjectWriter writer, ReadEndpoints reader, TimeProvider time)
{
    public async Task CreateAsync(HttpContext context, RequestTarget target)
    {
        JsonObject body = Typed(Bodies.AsObject(await Bodies.ReadAsync(context.Request, context.RequestAborted)), target.Kind);
        WriteRequest request = Request(context.Request, target);
        target.Kind.ToStored?.Invoke(body);
        await AnswerAsync(context, request, 201, writer.Create(body, request));
    }

    public async Task ReplaceAsync(HttpContext context, RequestTarget target)
    {
        JsonObject body = Bodies.AsObject(await Bodies.ReadAsync(context.Request, context.RequestAborted));
        WriteRequest request = Request(context.Request, target);
        if (target.Subresource == "scale")
        {
            await AnswerAsync(context, request, 200, writer.Update(request, current => Scaled(current, body, target.Kind)));
            return;
        }
        Typed(body, target.Kind);
        await AnswerAsync(context, request, 200, writer.Update(request, _ => body.Copy()));
    }

    public async Task PatchAsync(HttpContext context, RequestTarget target)
    {
        string type = (context.Request.ContentType ?? "").Split(';')[0].Trim();
        JsonNode? patch = await Bodies.ReadAsync(context.Request, context.RequestAborted);
        WriteRequest request = Request(context.Request, target);
        if (type == "application/apply-patch+yaml")
        {
            if (context.Request.Query["fieldManager"].ToString().Length == 0)
            {
                throw ApiException.BadRequest("PatchOptions.meta.k8s.io \"\" is invalid: fieldManager: Required value: is required for apply patch");
            }
            (JsonObject applied, bool created) = writer.Apply(Typed(Bodies.AsObject(patch), target.Kind), request);
            await AnswerAsync(context, request, created ? 201 : 200, applied);
            return;
        }
        Func<JsonObject, Schemas.Schema, JsonNode?> change = type switch
        {
            "application/merge-patch+json" => (value, _) => MergePatch.Apply(value, patch),
            "application/json-patch+json" => (value, _) => JsonPatch.Apply(value, patch),
            "application/strategic-merge-patch+json" when !target.Kind.IsCustom => (value, schema) => StrategicMerge.Apply(value, Bodies.AsObject(patch), schema),
            _ => throw ApiException.UnsupportedMediaType(type),
        };
        JsonObject result = target.Subresource == "scale"
            ? writer.Update(request, current => Scaled(current, Bodies.AsObject(change(ScaleForm.Of(current, target.Kind), Schemas.Schema.Anything)), target.Kind))
            : writer.Update(request, current => Bodies.AsObject(change(current, target.Kind.Schema)));
        await AnswerAsync(context, request, 200, result);
    }

    /// <summary>What every write has in common, out of the query and the client's name.</summary>
    public WriteRequest Request(HttpRequest request, RequestTarget target)
    {
        string manager = request.Query["fieldManager"].ToString();
        if (manager.Length == 0)
        {
            manager = request.Headers.UserAgent.ToString().Split('/')[0] is { Length: > 0 } agent ? agent : "unknown";
        }
        string validation = request.Query["fieldValidation"].ToString();
        return new WriteRequest(
            target.Kind,
            target.Namespace,
            target.Name,
            target.Subresource,
            manager,
            validation.Length == 0 ? "Warn" : validation,
            DryRun: request.Query["dryRun"] == "All",
            Force: request.Query["force"] == "true",
            ObjectMeta.Timestamp(time.GetUtcNow()),
            Warnings: [],
            Users.Of(request));
    }

    private static JsonObject Typed(JsonObject body, ResourceKind kind)
    {
        string apiVersion = body.Text("apiVersion") ?? kind.ApiVersion;
        string name = body.Text("kind") ?? kind.Kind;
        if (apiVersion != kind.ApiVersion || name != kind.Kind)
        {
            throw ApiException.BadRequest($"the object is a {apiVersion} {name}, this is the place of {kind.ApiVersion} {kind.Kind}");
        }
        body["apiVersion"] = kind.ApiVersion;
        body["kind"] = kind.Kind;
        return body;
    }

    private static JsonObject Scaled(JsonObject current, JsonObject scale, ResourceKind kind)
    {
        JsonObject next = current.Copy();
        ScaleForm.Write(scale, next, kind);
        return next;
    }

    private async Task AnswerAsync(HttpContext context, WriteRequest request, int code, JsonObject stored)
    {
        foreach (string warning in request.Warnings)
        {
            context.Response.Headers.Append("Warning", $"299 - \"{warning.Replace("\"", "\\\"", StringComparison.Ordinal)}\"");
        }
        JsonObject value = ObjectWriter.InVersion(stored, request.Kind);
        JsonObject shown = request.Subresource == "scale" ? ScaleForm.Of(value, request.Kind) : reader.Shaped(context.Request, request.Kind, value);
        await Bodies.WriteAsync(context.Response, code, shown);
    }
}
