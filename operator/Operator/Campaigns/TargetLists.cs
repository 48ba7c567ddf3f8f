using PushPlatform.Operator.Api;
using PushPlatform.Operator.Api.Validation;

namespace PushPlatform.Operator.Campaigns;

/// <summary>The explicit lists of a campaign, read and put together.</summary>
/// <param name="Vids">Each once: inline and from ConfigMaps.</param>
/// <param name="Hashes"><see cref="ContentHash.OfList"/> of each ConfigMap list, in the spec's order; empty while one is missing.</param>
/// <param name="Missing">What is not there, in words; null when all is.</param>
/// <param name="BadLines">Lines that are no vid, in words; at most <see cref="MaxBadLines"/>.</param>
internal sealed record TargetLists(IReadOnlyCollection<string> Vids, IReadOnlyList<string> Hashes, string? Missing, IReadOnlyList<string> BadLines)
{
    public const int MaxBadLines = 5;
}

/// <summary>A list of vids as people keep it: one a line; blank lines and lines that begin with <c>#</c> are skipped; CRLF is fine.</summary>
internal static class VidList
{
    /// <param name="text">The whole list.</param>
    /// <param name="name">How faults call it.</param>
    /// <param name="badLines">Gets a sentence for each line that is no vid, until it holds <see cref="TargetLists.MaxBadLines"/>.</param>
    public static List<string> Parse(string text, string name, List<string> badLines)
    {
        var vids = new List<string>();
        int number = 0;
        foreach (ReadOnlySpan<char> line in text.AsSpan().EnumerateLines())
        {
            number++;
            ReadOnlySpan<char> vid = line.Trim();
            if (vid.IsEmpty || vid[0] == '#')
            {
                continue;
            }
            if (Forms.Vid.IsMatch(vid))
            {
                vids.Add(vid.ToString());
            }
            else if (badLines.Count < TargetLists.MaxBadLines)
            {
                badLines.Add($"{name} line {number}: '{Short(vid)}' is no vid (1 to 64 {Forms.VidInWords})");
            }
        }
        return vids;
    }

    private static string Short(ReadOnlySpan<char> text) => text.Length <= 40 ? text.ToString() : string.Concat(text[..40], "…");
}
