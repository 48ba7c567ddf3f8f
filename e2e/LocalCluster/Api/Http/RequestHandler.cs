using System.Net;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using PushPlatform.LocalCluster.Api.Resources;
using PushPlatform.LocalCluster.Api.Storage;

namespace PushPlatform.LocalCluster.Api.Http;

/// <summary>From a request's path and method to who answers it.</summary>
internal sealed class RequestHandler(
    ObjectStore store, ResourceRegistry registry, ReadEndpoints reads, WatchEndpoint watches, WriteEndpoints writes, DeleteEndpoints deletes, PodLogs logs, Reviews reviews)
{
    private const string AggregatedDiscovery = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList";

    public static Task ForbidAsync(HttpContext context) =>
        Bodies.WriteAsync(context.Response, 403, new ApiException(403, "Forbidden", $"{context.Request.Method} {context.Request.Path} is not allowed").ToStatus());

    public async Task HandleAsync(HttpContext context)
    {
        try
        {
            await RouteAsync(context);
        }
        catch (ApiException error) when (!context.Response.HasStarted)
        {
            await Bodies.WriteAsync(context.Response, error.Code, error.ToStatus());
        }
        catch (Exception error) when (context.RequestAborted.IsCancellationRequested && error is OperationCanceledException or IOException)
        {
            // The client is gone; nobody is left to answer.
        }
        catch (Exception error) when (!context.Response.HasStarted)
        {
            await Bodies.WriteAsync(context.Response, 500, new ApiException(500, "InternalError", $"Internal error occurred: {error}").ToStatus());
        }
    }

    /// <summary>
    /// Whoever may create a pod here runs programs as this user. A web page in a browser on this machine could ask for one too, directly or under a name
    /// that it has pointed at 127.0.0.1; browsers then say whose page it is. Other programs on this machine are not held off.
    /// </summary>
    private static bool ComesFromAWebPage(HttpRequest request) =>
        request.Headers.ContainsKey("Origin") || !(request.Host.Host == "localhost" || (IPAddress.TryParse(request.Host.Host, out IPAddress? host) && IPAddress.IsLoopback(host)));

    private Task RouteAsync(HttpContext context)
    {
        if (ComesFromAWebPage(context.Request))
        {
            throw new ApiException(403, "Forbidden", "web pages are not served here");
        }
        string path = context.Request.Path.Value ?? "/";
        string[] segments = path.Split('/', StringSplitOptions.RemoveEmptyEntries);
        IReadOnlyList<ResourceKind> kinds = registry.Kinds;
        bool aggregated = context.Request.Headers.Accept.ToString().Split(',').Any(accept => accept.Contains("as=APIGroupDiscoveryList", StringComparison.Ordinal) && accept.Contains("v=v2;", StringComparison.Ordinal));
        return segments switch
        {
            ["healthz" or "livez" or "readyz", ..] => context.Response.WriteAsync("ok"),
            ["version"] => AnswerAsync(context, ServerVersion.ToJson()),
            ["api"] when aggregated => Bodies.WriteAsync(context.Response, 200, Discovery.Aggregated(kinds, core: true), AggregatedDiscovery),
            ["apis"] when aggregated => Bodies.WriteAsync(context.Response, 200, Discovery.Aggregated(kinds, core: false), AggregatedDiscovery),
            ["api"] => AnswerAsync(context, Discovery.CoreVersions()),
            ["apis"] => AnswerAsync(context, Discovery.Groups(kinds)),
            ["api", var version] => AnswerAsync(context, Discovery.Resources(kinds, "", version)),
            ["apis", var group] => AnswerAsync(context, Discovery.Group(kinds, group)),
            ["apis", var group, var version] => AnswerAsync(context, Discovery.Resources(kinds, group, version)),
            ["apis", "authentication.k8s.io", "v1", "selfsubjectreviews"] when context.Request.Method == "POST" => Bodies.WriteAsync(context.Response, 201, Users.Review(context.Request)),
            ["apis", "authentication.k8s.io", "v1", "tokenreviews"] when context.Request.Method == "POST" => Reviews.OfTokenAsync(context),
            ["apis", "authorization.k8s.io", "v1", "subjectaccessreviews"] when context.Request.Method == "POST" => reviews.OfAccessAsync(context),
            ["openapi", "v3"] => AnswerAsync(context, OpenApi.Index(kinds, store.Revision)),
            ["openapi", "v3", "api", var version] => AnswerAsync(context, OpenApi.V3(kinds, "", version)),
            ["openapi", "v3", "apis", var group, var version] => AnswerAsync(context, OpenApi.V3(kinds, group, version)),
            _ => ResourceAsync(context, RequestTarget.Parse(path, registry)),
        };
    }

    private static Task AnswerAsync(HttpContext context, JsonNode? document) =>
        document is null ? throw ApiException.NoSuchPath() : Bodies.WriteAsync(context.Response, 200, document);

    private Task ResourceAsync(HttpContext context, RequestTarget target)
    {
        bool watching = context.Request.Query["watch"].ToString() is "true" or "1";
        CheckSubresource(target);
        return (context.Request.Method, target.Name.Length > 0, target.Subresource) switch
        {
            ("GET", true, "scale") => reads.GetScaleAsync(context, target),
            ("GET", true, "log") => logs.WriteAsync(context, target),
            ("GET", _, "") when watching => watches.WatchAsync(context, target),
            ("GET", true, _) => reads.GetAsync(context, target),
            ("GET", false, _) => reads.ListAsync(context, target),
            ("POST", false, "") => writes.CreateAsync(context, Placed(target)),
            ("PUT", true, not "log") => writes.ReplaceAsync(context, target),
            ("PATCH", true, not "log") => writes.PatchAsync(context, target),
            ("DELETE", true, "") => deletes.DeleteAsync(context, target),
            ("DELETE", false, "") => deletes.DeleteCollectionAsync(context, target),
            _ => throw ApiException.MethodNotAllowed(),
        };
    }

    private static RequestTarget Placed(RequestTarget target) =>
        target.Kind.Namespaced && target.Namespace.Length == 0 ? throw ApiException.BadRequest("an empty namespace may not be set during creation") : target;

    private static void CheckSubresource(RequestTarget target)
    {
        bool exists = target.Subresource switch
        {
            "" => true,
            "status" => target.Kind.HasStatus,
            "scale" => target.Kind.Scale is not null,
            "log" => target.Kind is { Kind: "Pod", Group: "" },
            _ => false,
        };
        if (!exists)
        {
            throw ApiException.NoSuchPath();
        }
    }
}
