namespace PushPlatform.Delivery;

/// <summary>The pool that a node, a vehicle and a campaign belong to: the boundary between tenants. Pools share nothing but the servers.</summary>
/// <param name="Namespace">The Kubernetes namespace of the PushPool.</param>
/// <param name="Name">The name of the PushPool.</param>
public readonly record struct PoolName(string Namespace, string Name)
{
    /// <summary>Reads <c>namespace/name</c>.</summary>
    /// <exception cref="FormatException">The text is not of that form.</exception>
    public static PoolName Parse(string text)
    {
        string[] parts = text.Split('/');
        return parts is [{ Length: > 0 } ns, { Length: > 0 } name]
            ? new PoolName(ns, name)
            : throw new FormatException($"A pool is written <namespace>/<name>, not '{text}'.");
    }

    /// <inheritdoc/>
    public override string ToString() => $"{Namespace}/{Name}";
}
