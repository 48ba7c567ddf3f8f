using PushPlatform.Delivery;
using PushPlatform.PushNode.Protocol;

namespace PushPlatform.PushNode.Handshake;

/// <summary>A vehicle's request to upgrade (PROTOCOL.md §1), judged.</summary>
/// <param name="Vid">As the query names it; null only with a role, where the query need not.</param>
/// <param name="Device">The default one when the query names none.</param>
/// <param name="Role">From the path; not judged yet. Null when the path names none.</param>
/// <param name="Key">As sent; 16 bytes in base64.</param>
/// <param name="OffersPushV1">The subprotocol was offered, and is to be echoed.</param>
/// <param name="Token">From the path where it names a role; otherwise from the header, or else from a subprotocol; null when there is none.</param>
internal sealed record UpgradeRequest(string? Vid, string Device, string? Role, string Key, bool OffersPushV1, string? Token)
{
    private const string Version = "HTTP/1.1";
    private const string PushV1 = "push.v1";
    private const string BearerProtocol = "bearer.";
    private const string BearerScheme = "Bearer ";
    private const string NameForm = "of 1 to 64 letters, digits and . _ : - that begin with a letter or digit";
    private const string SupportedWebSocketVersion = "13";
    private const int KeyBytes = 16;
    private const int KeyLength = 24;

    /// <param name="head">The request line and headers, without the empty line.</param>
    /// <param name="refusal">Why there is no request.</param>
    public static UpgradeRequest? Parse(ReadOnlySpan<byte> head, out Refusal? refusal)
    {
        UpgradeRequest? request = null;
        refusal = RequestHead.TryParse(head, out RequestHead? parsed) ? Judge(parsed, out request) : Refusal.BadRequest("The request head is faulty.");
        return request;
    }

    private static Refusal? Judge(RequestHead head, out UpgradeRequest? request)
    {
        request = null;
        (string path, string query) = Split(head.Target, '?');
        if (RequestPath.Parse(path) is not { } place)
        {
            return Refusal.NotFound;
        }

        if (head.Method != "GET")
        {
            return Refusal.MethodNotAllowed;
        }

        string key = head.Single("Sec-WebSocket-Key") ?? "";
        if ((JudgeHttp(head) ?? JudgeWebSocket(head, key)) is { } refusal)
        {
            return refusal;
        }

        if (place.Fault is { } fault)
        {
            return Refusal.BadRequest(fault);
        }

        if (!TryReadName(query, "vid", out string? vid) || (vid is null && place.Role is null))
        {
            return Refusal.BadRequest($"One vid must be given, {NameForm}.");
        }

        if (!TryReadName(query, "device", out string? device))
        {
            return Refusal.BadRequest($"At most one device may be given, {NameForm}.");
        }

        string[] protocols = [.. head.List("Sec-WebSocket-Protocol")];
        bool offersPushV1 = protocols.Contains(PushV1);
        if (protocols.Length > 0 && !offersPushV1)
        {
            return Refusal.BadRequest("None of the subprotocols offered is push.v1.");
        }

        request = new UpgradeRequest(vid, device ?? UnitId.DefaultDevice, place.Role, key, offersPushV1, place.Token ?? ReadToken(head, protocols));
        return null;
    }

    private static Refusal? JudgeHttp(RequestHead head) =>
        head.Version != Version ? Refusal.BadRequest("HTTP/1.1 is required.")
        : head.Single("Host") is null ? Refusal.BadRequest("One Host header is required.")
        : head.Has("Transfer-Encoding") || (head.Has("Content-Length") && head.Single("Content-Length") != "0")
            ? Refusal.BadRequest("The request must have no body.")
        : head.Has("Authorization") && head.Single("Authorization") is null ? Refusal.BadRequest("There are several Authorization headers.")
        : null;

    private static Refusal? JudgeWebSocket(RequestHead head, string key)
    {
        if (!head.List("Upgrade").Contains("websocket", StringComparer.OrdinalIgnoreCase)
            || !head.List("Connection").Contains("upgrade", StringComparer.OrdinalIgnoreCase))
        {
            return Refusal.BadRequest("This is a WebSocket endpoint: Upgrade: websocket and Connection: Upgrade are required.");
        }

        string? version = head.Single("Sec-WebSocket-Version");
        if (version is null)
        {
            return Refusal.BadRequest("One Sec-WebSocket-Version header is required.");
        }

        Span<byte> decoded = stackalloc byte[KeyBytes + 2];
        bool goodKey = key.Length == KeyLength && Convert.TryFromBase64String(key, decoded, out int written) && written == KeyBytes;
        return version != SupportedWebSocketVersion ? Refusal.UpgradeRequired
            : !goodKey ? Refusal.BadRequest("One Sec-WebSocket-Key header of 16 bytes in base64 is required.")
            : null;
    }

    /// <param name="found">Null when the query does not name it.</param>
    /// <returns>False: it is faulty, or named twice.</returns>
    private static bool TryReadName(string query, string parameter, out string? found)
    {
        found = null;
        foreach (string pair in query.Split('&'))
        {
            (string name, string value) = Split(pair, '=');
            if (Uri.UnescapeDataString(name) != parameter)
            {
                continue;
            }

            if (found is not null)
            {
                return false;
            }

            found = Uri.UnescapeDataString(value);
        }

        return found is null || VehicleId.IsValid(found);
    }

    private static string? ReadToken(RequestHead head, string[] protocols)
    {
        if (head.Single("Authorization") is { } authorization)
        {
            return authorization.StartsWith(BearerScheme, StringComparison.OrdinalIgnoreCase) ? authorization[BearerScheme.Length..].Trim() : null;
        }

        return protocols.FirstOrDefault(protocol => protocol.StartsWith(BearerProtocol, StringComparison.Ordinal))?[BearerProtocol.Length..];
    }

    private static (string Before, string After) Split(string text, char at)
    {
        int index = text.IndexOf(at);
        return index < 0 ? (text, "") : (text[..index], text[(index + 1)..]);
    }
}
