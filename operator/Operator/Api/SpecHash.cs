using System.Text.Json;
using System.Text.Json.Nodes;
using PushPlatform.Kubernetes.Models;

namespace PushPlatform.Operator.Api;

/// <summary>
/// The fingerprint of all that a person approves: patch, targets and lists by their <see cref="ContentHash"/>, and every setting of how it is pushed. The
/// switches that only stop it or clear it away (suspend, abort, cancel, ttlSecondsAfterFinished) are left out. The resource's uid is part of it: an approval is
/// for this campaign, not for one of the same name that is made later.
/// </summary>
/// <remarks>A setting that has its default counts as one that is not given, so a later version's new setting leaves what was approved alone.</remarks>
public static class SpecHash
{
    /// <summary>32 lower-case hex digits; empty while the content is not known.</summary>
    /// <param name="campaign">The campaign, with the schema's defaults filled in.</param>
    /// <param name="contentHash">Of patch, targets and lists; empty while a list cannot be read.</param>
    public static string Of(PushCampaign campaign, string contentHash)
    {
        if (contentHash.Length == 0)
        {
            return "";
        }
        PushCampaignSpec defaults = new();
        PushCampaignSpec policy = campaign.Spec with
        {
            Patch = defaults.Patch,
            Targets = defaults.Targets,
            Suspend = false,
            Abort = false,
            Cancel = false,
            TtlSecondsAfterFinished = null,
        };
        JsonObject given = Json(policy);
        RemoveEqual(given, Json(defaults));
        using var document = JsonDocument.Parse(given.ToJsonString());
        using CanonicalHash hash = new();
        hash.Append('u', campaign.Uid());
        hash.Append('c', contentHash);
        hash.Append(document.RootElement);
        return hash.Finish();
    }

    private static JsonObject Json(PushCampaignSpec spec) => JsonSerializer.SerializeToNode(spec, ApiJsonContext.Default.PushCampaignSpec)!.AsObject();

    private static void RemoveEqual(JsonObject given, JsonObject defaults)
    {
        foreach ((string name, JsonNode? standard) in defaults)
        {
            if (given[name] is JsonObject inner && standard is JsonObject inside)
            {
                RemoveEqual(inner, inside);
            }
            if (JsonNode.DeepEquals(given[name], standard) || given[name] is JsonObject { Count: 0 })
            {
                given.Remove(name);
            }
        }
    }
}
