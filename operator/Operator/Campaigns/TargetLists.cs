using PushPlatform.Delivery;
using PushPlatform.Operator.Api;
using PushPlatform.Operator.Api.Validation;

namespace PushPlatform.Operator.Campaigns;

/// <summary>The explicit lists of a campaign, read and put together.</summary>
/// <param name="Lines">Vids and single units, each once: inline and from ConfigMaps.</param>
/// <param name="Hashes"><see cref="ContentHash.OfList"/> of each ConfigMap list, in the spec's order; empty while one is missing.</param>
/// <param name="Missing">What is not there, in words; null when all is.</param>
/// <param name="BadLines">Lines that this pool cannot use, in words; at most <see cref="MaxBadLines"/>.</param>
internal sealed record TargetLists(IReadOnlyCollection<string> Lines, IReadOnlyList<string> Hashes, string? Missing, IReadOnlyList<string> BadLines)
{
    public const int MaxBadLines = 5;
}

/// <summary>A list of vids as people keep it: one a line, or one <c>vid/device</c>; blank lines and lines that begin with <c>#</c> are skipped; CRLF is fine.</summary>
internal static class VidList
{
    /// <param name="text">The whole list.</param>
    /// <param name="name">How faults call it.</param>
    /// <param name="sessions">What the pool keeps apart; null while there is no pool.</param>
    /// <param name="badLines">Gets a sentence for each line that this pool cannot use, until it holds <see cref="TargetLists.MaxBadLines"/>.</param>
    public static List<string> Parse(string text, string name, SessionMode? sessions, List<string> badLines)
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
            string? fault = !Forms.Unit.IsMatch(vid) ? $"is not {Forms.UnitInWords}"
                : sessions is SessionMode.Single && UnitId.NamesDevice(vid) ? $"names a device, {TargetRules.NoDevicesInWords}"
                : null;
            if (fault is null)
            {
                vids.Add(vid.ToString());
            }
            else if (badLines.Count < TargetLists.MaxBadLines)
            {
                badLines.Add($"{name} line {number}: '{Short(vid)}' {fault}");
            }
        }
        return vids;
    }

    private static string Short(ReadOnlySpan<char> text) => text.Length <= 40 ? text.ToString() : string.Concat(text[..40], "…");
}
