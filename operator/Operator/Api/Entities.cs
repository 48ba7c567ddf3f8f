using PushPlatform.Delivery;
using PushPlatform.Kubernetes.Models;

namespace PushPlatform.Operator.Api;

/// <summary>Tells a chosen set of connected cars about a patch, at a chosen time and speed, and counts what became of each of them.</summary>
[KubernetesEntity(Group = PushApi.Group, ApiVersion = PushApi.Version, Kind = "PushCampaign", PluralName = "pushcampaigns")]
public sealed class PushCampaign : CustomKubernetesEntity<PushCampaignSpec, PushCampaignStatus>
{
    /// <summary>The key of the ledger: <see cref="PushCampaignSpec.CampaignId"/>, or else <c>namespace/name</c>.</summary>
    public string EffectiveCampaignId() => Spec.CampaignId ?? $"{this.Namespace()}/{this.Name()}";
}

/// <summary>A set of push nodes that cars keep a WebSocket open to.</summary>
[KubernetesEntity(Group = PushApi.Group, ApiVersion = PushApi.Version, Kind = "PushPool", PluralName = "pushpools")]
public sealed class PushPool : CustomKubernetesEntity<PushPoolSpec, PushPoolStatus>
{
    /// <summary>What its nodes keep apart.</summary>
    public SessionMode EffectiveSessions() => Status.Sessions ?? Spec.Sessions;
}
