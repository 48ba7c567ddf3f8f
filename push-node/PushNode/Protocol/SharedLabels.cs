namespace PushPlatform.PushNode.Protocol;

/// <summary>Labels that read the same are one map: a fleet has few different ones, and a map for each idle vehicle would be a tenth of what it costs.</summary>
/// <remarks>Keeps the latest of each of 1024 hashes: labels that one vehicle alone has push others out, but never pile up. Maps that are in use stay whole.</remarks>
internal static class SharedLabels
{
    private const int Slots = 1024;

    /// <summary>Bytes; longer ones are hardly the same as another vehicle's.</summary>
    private const int LongestText = 512;

    private static readonly Entry?[] Entries = new Entry?[Slots];

    /// <param name="json">As the vehicle wrote them.</param>
    /// <returns>Null: nobody has said these of late.</returns>
    public static IReadOnlyDictionary<string, string>? Find(ReadOnlySpan<byte> json) =>
        Volatile.Read(ref SlotOf(json)) is { } entry && json.SequenceEqual(entry.Json) ? entry.Labels : null;

    /// <param name="json">As the vehicle wrote them.</param>
    /// <param name="labels">What that means; not to be changed any more.</param>
    public static void Keep(ReadOnlySpan<byte> json, IReadOnlyDictionary<string, string> labels)
    {
        if (json.Length <= LongestText)
        {
            Volatile.Write(ref SlotOf(json), new Entry(json.ToArray(), labels));
        }
    }

    private static ref Entry? SlotOf(ReadOnlySpan<byte> json)
    {
        // Seeded anew in each process: nobody outside can aim at a slot.
        HashCode hash = default;
        hash.AddBytes(json);
        return ref Entries[(uint)hash.ToHashCode() % Slots];
    }

    private sealed record Entry(byte[] Json, IReadOnlyDictionary<string, string> Labels);
}
