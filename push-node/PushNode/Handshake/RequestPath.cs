using PushPlatform.PushNode.Protocol;

namespace PushPlatform.PushNode.Handshake;

/// <summary>The path of a request to upgrade: <c>/ws</c>, or <c>/ws/{role}/{token}</c>.</summary>
/// <param name="Role">As written, decoded; null for <c>/ws</c>.</param>
/// <param name="Token">Likewise. A secret: it is repeated nowhere.</param>
/// <param name="Fault">Null, or what a person should know of a path that cannot be read.</param>
internal sealed record RequestPath(string? Role, string? Token, string? Fault)
{
    private const string Plain = "/ws";

    /// <summary>More than any token needs that a head of 8 KiB has room for beside what else stands in it.</summary>
    private const int MaxToken = 4096;

    /// <summary>Null: vehicles are not there.</summary>
    public static RequestPath? Parse(string path)
    {
        if (path == Plain)
        {
            return new RequestPath(null, null, null);
        }

        if (path.Split('/') is not ["", "ws", var role, var token])
        {
            return null;
        }

        string? fault = Judge("role", role, VehicleRole.MaxLength) ?? Judge("token", token, MaxToken);
        return fault is null ? new RequestPath(Uri.UnescapeDataString(role), Uri.UnescapeDataString(token), null) : new RequestPath(null, null, fault);
    }

    private static string? Judge(string what, string segment, int most) =>
        segment.Length == 0 ? $"The {what} in the path is empty."
        : segment.Length > most ? $"The {what} in the path must have at most {most} characters."
        : !IsPlainText(segment) ? $"The {what} in the path is not well percent-encoded, or holds what is no visible ASCII character."
        : null;

    /// <summary>Every % begins an escape, and no escape hides a separator or anything that two readers might read in two ways.</summary>
    private static bool IsPlainText(string segment)
    {
        for (int i = 0; i < segment.Length; i++)
        {
            if (segment[i] != '%')
            {
                continue;
            }

            if (i + 2 >= segment.Length || !char.IsAsciiHexDigit(segment[i + 1]) || !char.IsAsciiHexDigit(segment[i + 2])
                || (char)Convert.ToInt32(segment.Substring(i + 1, 2), 16) is <= ' ' or > '~' or '/' or '%')
            {
                return false;
            }

            i += 2;
        }

        return true;
    }
}
