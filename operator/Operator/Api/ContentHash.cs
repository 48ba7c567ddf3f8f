using System.Text.Json;

namespace PushPlatform.Operator.Api;

/// <summary>
/// The fingerprint of what is frozen per revision: patch, targets and the contents of the lists that the targets name. Kept for ever in the
/// ledger's tombstones (G10), so it must not depend on member order, on white space, or on how a version of .NET happens to escape text.
/// </summary>
/// <remarks>
/// A member that is null is left out, so a later optional member leaves old fingerprints alone as long as its default is null.
/// The order of a list counts, as it does for the API server's own comparison.
/// </remarks>
public static class ContentHash
{
    /// <summary>Fingerprint of a campaign's content: 32 lower-case hex digits.</summary>
    /// <param name="patch">The patch.</param>
    /// <param name="targets">The targets.</param>
    /// <param name="listHashes"><see cref="OfList"/> of each of <see cref="Targets.VidsFrom"/>, in its order.</param>
    public static string Of(Patch patch, Targets targets, IReadOnlyList<string> listHashes)
    {
        using CanonicalHash hash = new();
        hash.Append(JsonSerializer.SerializeToElement(patch, ApiJsonContext.Default.Patch));
        hash.Append(JsonSerializer.SerializeToElement(targets, ApiJsonContext.Default.Targets));
        foreach (string listHash in listHashes)
        {
            hash.Append('l', listHash);
        }
        return hash.Finish();
    }

    /// <summary>Fingerprint of a list of vids as a set: neither order nor repetition counts. 32 lower-case hex digits.</summary>
    public static string OfList(IEnumerable<string> vids)
    {
        using CanonicalHash hash = new();
        foreach (string vid in vids.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal))
        {
            hash.Append('s', vid);
        }
        return hash.Finish();
    }
}
