using System.Text.RegularExpressions;
using PushPlatform.LocalCluster.Api.Resources;

namespace PushPlatform.LocalCluster.Api.Writing;

/// <summary>Which names objects may have: DNS subdomains (RFC 1123); RBAC names are freer.</summary>
internal static partial class ObjectNames
{
    public static FieldFault? Fault(string name, ResourceKind kind)
    {
        if (name.Length == 0)
        {
            return FieldFault.Required("metadata.name", "name or generateName is required");
        }
        if (kind.Group == "rbac.authorization.k8s.io" || (name.Length <= 253 && Subdomain().IsMatch(name)))
        {
            return null;
        }
        return FieldFault.Invalid(
            "metadata.name",
            $"\"{name}\"",
            "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character");
    }

    [GeneratedRegex(@"^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$", RegexOptions.ExplicitCapture)]
    private static partial Regex Subdomain();
}
