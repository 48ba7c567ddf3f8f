using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;

namespace PushPlatform.Tests.Integration.Chart;

/// <summary>One verb on one resource, as a rule of RBAC grants it and as a request uses it.</summary>
/// <param name="Verb">As in a rule.</param>
/// <param name="Resource"><c>resource[/subresource][.group]</c></param>
internal sealed record Right(string Verb, string Resource)
{
    public override string ToString() => $"{Verb} {Resource}";

    /// <summary>What the rules of a role grant, without the names that they may be limited to.</summary>
    public static IEnumerable<Right> Granted(JsonObject role) =>
        from rule in role["rules"]!.AsArray()
        from verb in rule!["verbs"]!.AsArray()
        from resource in rule["resources"]!.AsArray()
        from @group in rule["apiGroups"]!.AsArray()
        select new Right((string)verb!, Named((string)resource!, (string)@group!));

    /// <summary>What a request needs; nothing for discovery. An apply is a patch that may create.</summary>
    public static IReadOnlyList<Right> Needed(HttpRequest request)
    {
        string[] segments = request.Path.Value!.Split('/', StringSplitOptions.RemoveEmptyEntries);
        (string group, string[] rest) = segments switch
        {
            ["api", _, .. var core] => ("", core),
            ["apis", var named, _, .. var others] => (named, others),
            _ => ("", []),
        };
        if (rest is ["namespaces", _, _, ..])
        {
            rest = rest[2..];
        }
        if (rest.Length == 0)
        {
            return [];
        }
        string resource = Named(rest.Length > 2 ? $"{rest[0]}/{rest[2]}" : rest[0], group);
        bool watching = request.Query["watch"].ToString() is "true" or "1";
        bool applying = request.Method == "PATCH" && rest.Length == 2 && request.ContentType?.StartsWith("application/apply-patch", StringComparison.Ordinal) == true;
        return request.Method switch
        {
            "GET" => [new Right(rest.Length > 1 ? "get" : watching ? "watch" : "list", resource)],
            "POST" => [new Right("create", resource)],
            "PATCH" when applying => [new Right("patch", resource), new Right("create", resource)],
            "PATCH" => [new Right("patch", resource)],
            "PUT" => [new Right("update", resource)],
            "DELETE" => [new Right(rest.Length > 1 ? "delete" : "deletecollection", resource)],
            _ => [new Right(request.Method, resource)],
        };
    }

    private static string Named(string resource, string group) => group.Length == 0 ? resource : $"{resource}.{group}";
}
