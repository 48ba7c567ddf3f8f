using System.Collections.Concurrent;

namespace PushPlatform.Operator.Campaigns;

/// <summary>What this process remembers of each campaign, by uid. One worker at a time works on a campaign, so entries are not locked.</summary>
internal sealed class CampaignDesk
{
    private readonly ConcurrentDictionary<string, CampaignFile> _files = new();

    public CampaignFile Of(string uid) => _files.GetOrAdd(uid, static _ => new CampaignFile());

    public void Forget(string uid) => _files.TryRemove(uid, out _);
}

/// <summary>One campaign's entry.</summary>
internal sealed class CampaignFile
{
    public CampaignMemory Memory { get; set; } = CampaignMemory.Empty;

    /// <summary>When its status was last written; null = not by this process.</summary>
    public DateTimeOffset? StatusWrittenAt { get; set; }

    /// <summary>Passes in a row that a dependency was away.</summary>
    public int Failures { get; set; }
}
