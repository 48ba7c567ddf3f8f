using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;

namespace PushPlatform.LocalCluster.Api.Http;

/// <summary>Who asks: there is no authentication here, so anybody may be anybody (<c>kubectl --as</c>), and a token is its holder's name.</summary>
internal static class Users
{
    public const string Default = "localcluster";

    private const string Bearer = "Bearer ";

    public static string Of(HttpRequest request) =>
        request.Headers["Impersonate-User"].ToString() is { Length: > 0 } name ? name
        : request.Headers.Authorization.ToString() is { } given && given.StartsWith(Bearer, StringComparison.OrdinalIgnoreCase) && given.Length > Bearer.Length ? given[Bearer.Length..]
        : Default;

    /// <summary>The answer to <c>kubectl auth whoami</c>.</summary>
    public static JsonObject Review(HttpRequest request) => new()
    {
        ["kind"] = "SelfSubjectReview",
        ["apiVersion"] = "authentication.k8s.io/v1",
        ["metadata"] = new JsonObject(),
        ["status"] = new JsonObject { ["userInfo"] = Info(Of(request)) },
    };

    public static JsonObject Info(string name) => new() { ["username"] = name, ["groups"] = new JsonArray("system:authenticated") };
}
