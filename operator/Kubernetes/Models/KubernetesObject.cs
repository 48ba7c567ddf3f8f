using System.Collections.Concurrent;
using System.Reflection;
using System.Text.Json.Serialization;

namespace PushPlatform.Kubernetes.Models;

/// <summary>Anything that the API server names by apiVersion and kind.</summary>
public interface IKubernetesObject
{
    string ApiVersion { get; set; }

    string Kind { get; set; }
}

/// <summary>An object with metadata: everything that is stored in the API server.</summary>
public interface IKubernetesObject<TMetadata> : IKubernetesObject
{
    TMetadata Metadata { get; set; }
}

/// <summary>Where the API server keeps a kind. Required on every entity class.</summary>
[AttributeUsage(AttributeTargets.Class, Inherited = false)]
public sealed class KubernetesEntityAttribute : Attribute
{
    /// <summary>API group; empty for the core group.</summary>
    public string Group { get; init; } = "";

    /// <summary>Bare version, for example <c>v1</c>.</summary>
    public required string ApiVersion { get; init; }

    public required string Kind { get; init; }

    /// <summary>Lower-case plural as it stands in URLs.</summary>
    public required string PluralName { get; init; }

    /// <summary>What stands in an object's <c>apiVersion</c>.</summary>
    public string GroupVersion => Group.Length == 0 ? ApiVersion : $"{Group}/{ApiVersion}";

    private static readonly ConcurrentDictionary<Type, KubernetesEntityAttribute> Known = new();

    /// <exception cref="InvalidOperationException">The type carries no <see cref="KubernetesEntityAttribute"/>.</exception>
    public static KubernetesEntityAttribute Of(Type entity) => Known.GetOrAdd(
        entity,
        static type => type.GetCustomAttribute<KubernetesEntityAttribute>(inherit: false)
            ?? throw new InvalidOperationException($"{type} has no [KubernetesEntity]: say in which group, version and plural it is kept"));
}

/// <summary>Base of all entities: <c>apiVersion</c> and <c>kind</c> are set from <see cref="KubernetesEntityAttribute"/>.</summary>
public abstract class KubernetesObject : IKubernetesObject<V1ObjectMeta>
{
    protected KubernetesObject()
    {
        var kind = KubernetesEntityAttribute.Of(GetType());
        ApiVersion = kind.GroupVersion;
        Kind = kind.Kind;
    }

    [JsonPropertyOrder(-3)]
    public string ApiVersion { get; set; }

    [JsonPropertyOrder(-2)]
    public string Kind { get; set; }

    [JsonPropertyOrder(-1)]
    public V1ObjectMeta Metadata { get; set; } = new();
}

/// <summary>Base of custom resources, under KubeOps' name.</summary>
public abstract class CustomKubernetesEntity<TSpec, TStatus> : KubernetesObject
    where TSpec : new()
    where TStatus : new()
{
    public TSpec Spec { get; set; } = new();

    public TStatus Status { get; set; } = new();
}

/// <summary>One complete list: every page, under one resource version.</summary>
/// <param name="ResourceVersion">Where a watch goes on from without a gap.</param>
/// <param name="Items">The objects that could be read.</param>
/// <param name="Unreadable">Objects that exist but do not fit <typeparamref name="TEntity"/>: not absent, only not usable.</param>
public sealed record EntityList<TEntity>(string ResourceVersion, IReadOnlyList<TEntity> Items, IReadOnlyList<NamespacedName> Unreadable);

/// <summary>The key of an object within its kind.</summary>
/// <param name="Namespace">Empty for cluster-scoped objects.</param>
/// <param name="Name">The object's name.</param>
public readonly record struct NamespacedName(string Namespace, string Name)
{
    public override string ToString() => Namespace.Length == 0 ? Name : $"{Namespace}/{Name}";
}
