using System.Text.Json.Nodes;

namespace PushPlatform.Kubernetes.Client;

/// <summary>A change to an object. Only the kinds of patch that touch nothing but what they name.</summary>
public sealed record V1Patch
{
    private V1Patch(string contentType, string body) => (ContentType, Body) = (contentType, body);

    internal string ContentType { get; }

    internal string Body { get; }

    /// <summary>RFC 7396: null removes, a list replaces.</summary>
    public static V1Patch Merge(JsonObject body) => new("application/merge-patch+json", body.ToJsonString());

    /// <summary>RFC 6902: a list of operations that are carried out together or not at all.</summary>
    public static V1Patch Json(JsonArray operations) => new("application/json-patch+json", operations.ToJsonString());
}
