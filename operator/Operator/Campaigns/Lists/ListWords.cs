namespace PushPlatform.Operator.Campaigns.Lists;

/// <summary>How far the work on explicit lists has come, in words for the status. Pure.</summary>
internal static class ListWords
{
    /// <summary>Null where nobody has to wait long enough to ask.</summary>
    public static string? Counting(CampaignObservation seen) => seen is { Lists.Units.IsOnDisk: true, Memory.Counting: { } count }
        ? $"Counting whom it would reach: {count.Matched} cars so far, of lists of {seen.Lists.Units.Lines} vids"
        : null;

    public static string? Freezing(CampaignObservation seen) => seen.Lists switch
    {
        { Progress: { } reading } => $"The targets are being written down: {reading}",
        { Units: { IsOnDisk: true, Lines: long lines } } => $"The targets are being written down: {seen.Ledger!.Counts.Targeted} so far, of lists of {lines} vids",
        _ => null,
    };
}
