using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using PushPlatform.Kubernetes.Models;

namespace PushPlatform.Kubernetes.Client;

/// <summary>
/// How entities become JSON: camelCase, absent instead of null, times as Kubernetes writes them. Source-generated: a kind that is defined
/// elsewhere brings its own <see cref="JsonSerializerContext"/> with <c>[JsonSerializable(typeof(ThatKind))]</c>, whose converters (enums by name) are kept.
/// </summary>
public sealed class KubernetesJson
{
    public KubernetesJson(params IEnumerable<IJsonTypeInfoResolver> resolvers)
    {
        List<IJsonTypeInfoResolver> all = [KubernetesJsonContext.Default, .. resolvers];
        Options = new JsonSerializerOptions
        {
            PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
            DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
            Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
            TypeInfoResolver = JsonTypeInfoResolver.Combine([.. all]),
            Converters = { new TimeConverter() },
        };
        foreach (var converter in all.OfType<JsonSerializerContext>().SelectMany(static context => context.Options.Converters))
        {
            Options.Converters.Add(converter);
        }

        Options.MakeReadOnly();
    }

    public JsonSerializerOptions Options { get; }

    /// <exception cref="NotSupportedException">No registered context knows <typeparamref name="T"/>.</exception>
    public JsonTypeInfo<T> TypeInfo<T>() => (JsonTypeInfo<T>)Options.GetTypeInfo(typeof(T));
}

[JsonSerializable(typeof(V1Deployment))]
[JsonSerializable(typeof(V1Service))]
[JsonSerializable(typeof(V1PodDisruptionBudget))]
[JsonSerializable(typeof(V1Pod))]
[JsonSerializable(typeof(V1ConfigMap))]
[JsonSerializable(typeof(V1Secret))]
[JsonSerializable(typeof(V1Lease))]
[JsonSerializable(typeof(Eventsv1Event))]
[JsonSerializable(typeof(V1Scale))]
[JsonSerializable(typeof(V1Status))]
[JsonSerializable(typeof(V1ListMeta))]
[JsonSerializable(typeof(V1DeleteOptions))]
[JsonSerializable(typeof(V1APIResourceList))]
internal sealed partial class KubernetesJsonContext : JsonSerializerContext;
