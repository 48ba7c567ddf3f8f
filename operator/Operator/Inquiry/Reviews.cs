using System.Text.Json.Serialization;
using PushPlatform.Kubernetes.Models;

namespace PushPlatform.Operator.Inquiry;

/// <summary>Asks the API server whose token this is.</summary>
[KubernetesEntity(Group = "authentication.k8s.io", ApiVersion = "v1", Kind = "TokenReview", PluralName = "tokenreviews")]
public sealed class V1TokenReview : KubernetesObject
{
    public V1TokenReviewSpec Spec { get; set; } = new();

    public V1TokenReviewStatus? Status { get; set; }
}

public sealed record V1TokenReviewSpec
{
    public string Token { get; set; } = "";
}

public sealed record V1TokenReviewStatus
{
    public bool Authenticated { get; set; }

    public V1UserInfo? User { get; set; }

    public string? Error { get; set; }
}

/// <summary>A user as the API server knows them.</summary>
public sealed record V1UserInfo
{
    public string? Username { get; set; }

    public string? Uid { get; set; }

    public List<string>? Groups { get; set; }

    public Dictionary<string, List<string>>? Extra { get; set; }
}

/// <summary>Asks the API server whether a user may do something.</summary>
[KubernetesEntity(Group = "authorization.k8s.io", ApiVersion = "v1", Kind = "SubjectAccessReview", PluralName = "subjectaccessreviews")]
public sealed class V1SubjectAccessReview : KubernetesObject
{
    public V1SubjectAccessReviewSpec Spec { get; set; } = new();

    public V1SubjectAccessReviewStatus? Status { get; set; }
}

public sealed record V1SubjectAccessReviewSpec
{
    public string? User { get; set; }

    public string? Uid { get; set; }

    public List<string>? Groups { get; set; }

    public Dictionary<string, List<string>>? Extra { get; set; }

    public V1ResourceAttributes? ResourceAttributes { get; set; }
}

public sealed record V1ResourceAttributes
{
    [JsonPropertyName("namespace")]
    public string? NamespaceProperty { get; set; }

    public string? Verb { get; set; }

    public string? Group { get; set; }

    public string? Version { get; set; }

    public string? Resource { get; set; }

    public string? Subresource { get; set; }

    public string? Name { get; set; }
}

public sealed record V1SubjectAccessReviewStatus
{
    public bool Allowed { get; set; }

    public string? Reason { get; set; }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(V1TokenReview))]
[JsonSerializable(typeof(V1SubjectAccessReview))]
public sealed partial class ReviewJsonContext : JsonSerializerContext;
