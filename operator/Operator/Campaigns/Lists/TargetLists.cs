using PushPlatform.Operator.Api;

namespace PushPlatform.Operator.Campaigns.Lists;

/// <summary>How far the explicit lists of a campaign are known: all of them, not yet, or what is wrong with one. Nothing of a list that is wrong is used.</summary>
internal sealed record TargetLists
{
    /// <summary>Vids and single units, each once: inline and from all lists. Null until every list is read and found good.</summary>
    public VidSpool? Units { get; init; }

    /// <summary>What each list holds, in the spec's order: <see cref="ContentHash.OfList"/> of one in a ConfigMap, the sha256 of one at a URL.</summary>
    public IReadOnlyList<string> Hashes { get; init; } = [];

    /// <summary>What was read where: while it stays the same nothing has to be read again.</summary>
    public IReadOnlyList<string> Versions { get; init; } = [];

    /// <summary>Why a list cannot be used as it stands.</summary>
    public Obstacle? Obstacle { get; init; }

    /// <summary>How far they have been read, in words, while they are.</summary>
    public string? Progress { get; init; }

    /// <summary>Fingerprint of a campaign's content with its lists; empty while they are not known.</summary>
    /// <param name="lists">Null: the spec has none.</param>
    public static string ContentHashOf(PushCampaignSpec spec, TargetLists? lists) =>
        lists is { Units: null } ? "" : ContentHash.Of(spec.Patch, spec.Targets, lists?.Hashes ?? []);
}
