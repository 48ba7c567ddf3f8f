using System.Text;
using PushPlatform.Kubernetes.Models;

namespace PushPlatform.Kubernetes.Client;

/// <summary>Where an object, a collection or a subresource stands in the API.</summary>
internal static class ResourcePath
{
    public static string GroupVersion(KubernetesEntityAttribute kind) =>
        kind.Group.Length == 0 ? $"api/{kind.ApiVersion}" : $"apis/{kind.Group}/{kind.ApiVersion}";

    public static string Collection(KubernetesEntityAttribute kind, string? @namespace) =>
        @namespace is null
            ? $"{GroupVersion(kind)}/{kind.PluralName}"
            : $"{GroupVersion(kind)}/namespaces/{Uri.EscapeDataString(@namespace)}/{kind.PluralName}";

    public static string Object(KubernetesEntityAttribute kind, string? @namespace, string name, string? subresource = null)
    {
        // An empty name would address the whole collection: a delete of it is not what anybody meant.
        ArgumentException.ThrowIfNullOrEmpty(name);
        return $"{Collection(kind, @namespace)}/{Uri.EscapeDataString(name)}{(subresource is null ? "" : "/" + subresource)}";
    }

    /// <summary>Parameters whose value is null are left out.</summary>
    public static string WithQuery(string path, params IEnumerable<(string Key, string? Value)> parameters)
    {
        var text = new StringBuilder(path);
        var separator = '?';
        foreach (var (key, value) in parameters)
        {
            if (value is not null)
            {
                text.Append(separator).Append(key).Append('=').Append(Uri.EscapeDataString(value));
                separator = '&';
            }
        }

        return text.ToString();
    }
}
