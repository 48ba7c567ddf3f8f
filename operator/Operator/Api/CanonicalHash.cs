using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace PushPlatform.Operator.Api;

/// <summary>A fingerprint of JSON that depends neither on member order nor on white space, nor on how a version of .NET happens to escape text.</summary>
internal sealed class CanonicalHash : IDisposable
{
    private const int KeptBytes = 16;

    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);

    /// <summary>32 lower-case hex digits; afterwards it is as new.</summary>
    public string Finish() => Convert.ToHexStringLower(_hash.GetHashAndReset().AsSpan(0, KeptBytes));

    public void Append(JsonElement element)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.Object:
                JsonProperty[] members = [.. element.EnumerateObject().OrderBy(member => member.Name, StringComparer.Ordinal)];
                AppendHead('o', members.Length);
                foreach (JsonProperty member in members)
                {
                    Append('k', member.Name);
                    Append(member.Value);
                }
                break;
            case JsonValueKind.Array:
                AppendHead('a', element.GetArrayLength());
                foreach (JsonElement item in element.EnumerateArray())
                {
                    Append(item);
                }
                break;
            case JsonValueKind.String:
                Append('s', element.GetString()!);
                break;
            case JsonValueKind.Number:
                Append('n', Number(element));
                break;
            default:
                Append('w', element.ValueKind.ToString());
                break;
        }
    }

    /// <param name="tag">What kind of text it is.</param>
    /// <param name="text">The text.</param>
    public void Append(char tag, string text)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        AppendHead(tag, bytes.Length);
        _hash.AppendData(bytes);
    }

    public void Dispose() => _hash.Dispose();

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

    // Tag and length before the bytes: no two different contents feed the hash the same bytes.
    private void AppendHead(char tag, int length)
    {
        Span<byte> head = stackalloc byte[5];
        head[0] = (byte)tag;
        BinaryPrimitives.WriteInt32BigEndian(head[1..], length);
        _hash.AppendData(head);
    }
}
