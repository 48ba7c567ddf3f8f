using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using PushPlatform.LocalCluster.Api.Reading;
using PushPlatform.LocalCluster.Api.Storage;

namespace PushPlatform.LocalCluster.Api.Http;

/// <summary>What a list, a watch or a deletecollection is about: a collection, perhaps one namespace or name, and the selectors.</summary>
internal sealed record ObjectFilter(string Collection, string Namespace, string Name, LabelSelector Labels, FieldSelector Fields)
{
    /// <exception cref="ApiException">400: a selector is malformed.</exception>
    public static ObjectFilter Of(IQueryCollection query, RequestTarget target) => new(
        target.Kind.Collection, target.Namespace, target.Name, LabelSelector.Parse(query["labelSelector"]), FieldSelector.Parse(query["fieldSelector"]));

    public bool Includes(ObjectKey key) =>
        key.Collection == Collection && (Namespace.Length == 0 || key.Namespace == Namespace) && (Name.Length == 0 || key.Name == Name);

    /// <summary>Holds the selectors against an object in the form of the asked version.</summary>
    public bool Matches(JsonObject value) => Labels.Matches(value) && Fields.Matches(value);
}
