using System.Text;

namespace PushPlatform.PushNode.Handshake;

/// <summary>An answer that is not an upgrade; the connection ends with it.</summary>
/// <param name="Status">The status line's code and reason.</param>
/// <param name="Outcome">The metric's tag.</param>
/// <param name="Text">For a person: one line.</param>
/// <param name="Header">One more header line, or null.</param>
internal sealed record Refusal(string Status, string Outcome, string Text, string? Header = null)
{
    public static readonly Refusal NotFound = new("404 Not Found", "not-found", "Vehicles connect to /ws?vid={vid} or /ws/{role}/{token}.");
    public static readonly Refusal MethodNotAllowed = new("405 Method Not Allowed", "method", "Use GET.", "Allow: GET");
    public static readonly Refusal UpgradeRequired =
        new("426 Upgrade Required", "version", "Version 13 of WebSocket is required.", "Upgrade: websocket\r\nSec-WebSocket-Version: 13");
    public static readonly Refusal HeadTooLarge = new("431 Request Header Fields Too Large", "too-large", "The request head must be at most 8 KiB.");

    public static Refusal BadRequest(string text) => new("400 Bad Request", "bad-request", text);

    public static Refusal Unavailable(AdmissionVerdict verdict, int retryAfterSeconds)
    {
        (string outcome, string text) = verdict switch
        {
            AdmissionVerdict.Draining => ("draining", "This node is leaving; others are there."),
            AdmissionVerdict.TooManyConnections => ("full", "This node holds as many connections as it can."),
            _ => ("throttled", "Too many vehicles are arriving at once."),
        };
        return new Refusal("503 Service Unavailable", outcome, text, $"Retry-After: {retryAfterSeconds}");
    }

    public byte[] ToBytes()
    {
        StringBuilder answer = new();
        answer.Append("HTTP/1.1 ").Append(Status).Append("\r\nConnection: close\r\nContent-Type: text/plain; charset=utf-8\r\n");
        if (Header is not null)
        {
            answer.Append(Header).Append("\r\n");
        }

        answer.Append("Content-Length: ").Append(Text.Length + 1).Append("\r\n\r\n").Append(Text).Append('\n');
        return Encoding.ASCII.GetBytes(answer.ToString());
    }
}
