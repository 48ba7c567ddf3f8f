using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
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
    private const int KeptBytes = 16;

    /// <summary>Fingerprint of a campaign's content: 32 lower-case hex digits.</summary>
    /// <param name="patch">The patch.</param>
    /// <param name="targets">The targets.</param>
    /// <param name="listHashes"><see cref="OfList"/> of each of <see cref="Targets.VidsFrom"/>, in its order.</param>
    public static string Of(Patch patch, Targets targets, IReadOnlyList<string> listHashes)
    {
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Append(hash, JsonSerializer.SerializeToElement(patch, ApiJsonContext.Default.Patch));
        Append(hash, JsonSerializer.SerializeToElement(targets, ApiJsonContext.Default.Targets));
        foreach (string listHash in listHashes)
        {
            AppendText(hash, 'l', listHash);
        }
        return Finish(hash);
    }

    /// <summary>Fingerprint of a list of vids as a set: neither order nor repetition counts. 32 lower-case hex digits.</summary>
    public static string OfList(IEnumerable<string> vids)
    {
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (string vid in vids.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal))
        {
            AppendText(hash, 's', vid);
        }
        return Finish(hash);
    }

    private static string Finish(IncrementalHash hash) => Convert.ToHexStringLower(hash.GetHashAndReset().AsSpan(0, KeptBytes));

    private static void Append(IncrementalHash hash, JsonElement element)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.Object:
                JsonProperty[] members = [.. element.EnumerateObject().OrderBy(member => member.Name, StringComparer.Ordinal)];
                AppendHead(hash, 'o', members.Length);
                foreach (JsonProperty member in members)
                {
                    AppendText(hash, 'k', member.Name);
                    Append(hash, member.Value);
                }
                break;
            case JsonValueKind.Array:
                AppendHead(hash, 'a', element.GetArrayLength());
                foreach (JsonElement item in element.EnumerateArray())
                {
                    Append(hash, item);
                }
                break;
            case JsonValueKind.String:
                AppendText(hash, 's', element.GetString()!);
                break;
            case JsonValueKind.Number:
                AppendText(hash, 'n', Number(element));
                break;
            default:
                AppendText(hash, 'w', element.ValueKind.ToString());
                break;
        }
    }

    // 1, 1.0 and 1e0 are one number, and an API server may write back another of them than it was given.
    private static string Number(JsonElement element)
    {
        if (element.TryGetInt64(out long whole))
        {
            return whole.ToString();
        }
        double number = element.GetDouble();
        return Math.Abs(number) < 1e15 && Math.Floor(number) == number ? ((long)number).ToString() : number.ToString("R");
    }

    private static void AppendText(IncrementalHash hash, char tag, string text)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        AppendHead(hash, tag, bytes.Length);
        hash.AppendData(bytes);
    }

    // Tag and length before the bytes: no two different contents feed the hash the same bytes.
    private static void AppendHead(IncrementalHash hash, char tag, int length)
    {
        Span<byte> head = stackalloc byte[5];
        head[0] = (byte)tag;
        BinaryPrimitives.WriteInt32BigEndian(head[1..], length);
        hash.AppendData(head);
    }
}
