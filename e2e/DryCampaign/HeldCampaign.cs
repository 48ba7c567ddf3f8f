using System.Text.Json.Serialization;
using PushPlatform.Kubernetes.Models;

namespace PushPlatform.DryCampaign;

/// <summary>A PushCampaign with the fields that are used here.</summary>
[KubernetesEntity(Group = "pushplatform.io", ApiVersion = "v1alpha1", Kind = "PushCampaign", PluralName = "pushcampaigns")]
internal sealed class HeldCampaign : KubernetesObject
{
    public HeldSpec? Spec { get; set; }

    public HeldStatus? Status { get; set; }
}

internal sealed record HeldSpec(HeldPool PoolRef, HeldPatch Patch, HeldTargets Targets, bool Suspend);

internal sealed record HeldPool(string Name);

internal sealed record HeldPatch(string Id, string Version);

internal sealed record HeldTargets(IReadOnlyList<string> Vids);

internal sealed record HeldStatus(string? Phase, string? Message, HeldPreview? Preview);

internal sealed record HeldPreview(int Online);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(HeldCampaign))]
internal sealed partial class HeldCampaignJson : JsonSerializerContext;
