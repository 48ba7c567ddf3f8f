using PushPlatform.LocalCluster.Api.Resources;

namespace PushPlatform.LocalCluster.Api.Http;

/// <summary>The object or collection that a URL path names. An empty namespace: all of them, or cluster scope.</summary>
internal sealed record RequestTarget(ResourceKind Kind, string Namespace, string Name, string Subresource)
{
    /// <exception cref="ApiException">404: no such resource is served.</exception>
    public static RequestTarget Parse(string path, ResourceRegistry registry)
    {
        string[] segments = path.Split('/', StringSplitOptions.RemoveEmptyEntries);
        (string group, string version, string[] rest) = segments switch
        {
            ["api", var v, .. var tail] => ("", v, tail),
            ["apis", var g, var v, .. var tail] => (g, v, tail),
            _ => throw ApiException.NoSuchPath(),
        };
        // /namespaces/x/pods is about pods, /namespaces/x/status about the namespace.
        string ns = "";
        if (rest is ["namespaces", var name, not ("status" or "finalize"), ..])
        {
            (ns, rest) = (name, rest[2..]);
        }
        if (rest.Length is 0 or > 3)
        {
            throw ApiException.NoSuchPath();
        }
        ResourceKind kind = registry.Find(group, version, rest[0]) ?? throw ApiException.NoSuchPath();
        if (ns.Length > 0 && !kind.Namespaced)
        {
            throw ApiException.NoSuchPath();
        }
        return new RequestTarget(kind, ns, rest.ElementAtOrDefault(1) ?? "", rest.ElementAtOrDefault(2) ?? "");
    }
}
