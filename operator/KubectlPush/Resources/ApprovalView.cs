using System.Text.Json.Serialization;
using PushPlatform.Kubernetes.Models;

namespace PushPlatform.KubectlPush.Resources;

/// <summary>What became of a word on a campaign.</summary>
internal sealed record ApprovalView
{
    public V1ObjectMeta Metadata { get; set; } = new();

    public ApprovalStatusView Status { get; set; } = new();

    /// <summary>Null: the operator has not judged it yet.</summary>
    [JsonIgnore]
    public V1Condition? Accepted => Status.Conditions?.Find(static condition => condition.Type == "Accepted");
}

internal sealed record ApprovalStatusView
{
    public List<V1Condition>? Conditions { get; init; }
}
