using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;

namespace PushPlatform.PushNode.Handshake;

/// <summary>The 101 that upgrades a connection (RFC 6455 §4.2.2).</summary>
internal static class Acceptance
{
    private const string KeyGuid = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

    public static byte[] ToBytes(UpgradeRequest request)
    {
        string protocol = request.OffersPushV1 ? "Sec-WebSocket-Protocol: push.v1\r\n" : "";
        return Encoding.ASCII.GetBytes(
            $"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: {Accept(request.Key)}\r\n{protocol}\r\n");
    }

    [SuppressMessage("Security", "CA5350", Justification = "RFC 6455 prescribes SHA-1 here; it proves that the server speaks WebSocket and protects nothing.")]
    private static string Accept(string key) => Convert.ToBase64String(SHA1.HashData(Encoding.ASCII.GetBytes(key + KeyGuid)));
}
