using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace PushPlatform.PushNode.Handshake;

/// <summary>The head of an HTTP/1.1 request (RFC 9112), strictly: what a proxy might read otherwise than we is refused.</summary>
internal sealed class RequestHead
{
    private static readonly SearchValues<char> TokenCharacters = SearchValues.Create(
        "!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");

    private readonly List<(string Name, string Value)> _headers = [];

    private RequestHead(string method, string target, string version)
    {
        Method = method;
        Target = target;
        Version = version;
    }

    public string Method { get; }

    /// <summary>As sent, in origin form.</summary>
    public string Target { get; }

    public string Version { get; }

    /// <param name="head">Without the empty line at its end.</param>
    public static bool TryParse(ReadOnlySpan<byte> head, [NotNullWhen(true)] out RequestHead? parsed)
    {
        parsed = null;
        string[] lines = Encoding.Latin1.GetString(head).Split("\r\n");
        if (lines[0].Split(' ') is not [{ Length: > 0 } method, ['/', ..] target, { Length: > 0 } version]
            || !IsToken(method) || target.AsSpan().ContainsAnyExceptInRange('!', '~') || !IsText(version))
        {
            return false;
        }

        RequestHead result = new(method, target, version);
        foreach (string line in lines.AsSpan(1))
        {
            int colon = line.IndexOf(':');

            // A line that begins with white space (the obsolete folding) or has some before its colon has no name that is a token.
            if (colon < 1 || !IsToken(line.AsSpan(0, colon)) || !IsText(line.AsSpan(colon + 1)))
            {
                return false;
            }

            result._headers.Add((line[..colon], line[(colon + 1)..].Trim(' ', '\t')));
        }

        parsed = result;
        return true;
    }

    public bool Has(string name) => Values(name).Any();

    /// <summary>The value of a header that is there just once; null otherwise.</summary>
    public string? Single(string name)
    {
        string[] values = [.. Values(name).Take(2)];
        return values is [{ Length: > 0 } only] ? only : null;
    }

    /// <summary>The elements of a header that is a list, over all its lines (RFC 9110 §5.6.1).</summary>
    public IEnumerable<string> List(string name) =>
        Values(name).SelectMany(value => value.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries));

    private static bool IsToken(ReadOnlySpan<char> text) => text.Length > 0 && !text.ContainsAnyExcept(TokenCharacters);

    /// <summary>No control characters but the tab; a lone CR or LF is one.</summary>
    private static bool IsText(ReadOnlySpan<char> text)
    {
        foreach (char c in text)
        {
            if (c is (< ' ' and not '\t') or '\x7F')
            {
                return false;
            }
        }

        return true;
    }

    private IEnumerable<string> Values(string name) =>
        _headers.Where(header => header.Name.Equals(name, StringComparison.OrdinalIgnoreCase)).Select(header => header.Value);
}
