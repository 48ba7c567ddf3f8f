using System.Text.Json;
using PushPlatform.Kubernetes.Client;
using PushPlatform.Operator.Api;
using PushPlatform.Tests.Resources;

namespace PushPlatform.Tests.Unit.Operator;

/// <summary>The status that the API server gives a new resource: the default of its definition.</summary>
internal static class AsCreated
{
    private static readonly KubernetesJson Json = new(ApiJsonContext.Default);

    public static TStatus Of<TStatus>(string plural) => JsonSerializer.Deserialize(
        ResourceTable.SchemaOf(plural)["properties"]!["status"]!["default"], Json.TypeInfo<TStatus>())!;
}
