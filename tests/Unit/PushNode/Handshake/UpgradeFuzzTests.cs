using System.Text;
using System.Text.RegularExpressions;
using PushPlatform.PushNode.Handshake;
using PushPlatform.Tests.Unit.Fuzz;
using Shouldly;
using Xunit;

namespace PushPlatform.Tests.Unit.PushNode.Handshake;

/// <summary>Good requests, damaged: never thrown at, and none is accepted that a second, simple and strict reading of the same bytes refuses.</summary>
public sealed partial class UpgradeFuzzTests
{
    private static readonly string[] Good =
    [
        "GET /ws?vid=car-1 HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
        "GET /ws?x=1&vid=c%61r&device=d HTTP/1.1\r\nHost: h\r\nConnection: keep-alive, Upgrade\r\nUpgrade: WebSocket\r\nSec-WebSocket-Version: 13\r\n"
            + "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Protocol: push.v1, bearer.abc\r\nContent-Length: 0\r\nAuthorization: Bearer x",
        "GET /ws/driver/abc?vid=car-1 HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
    ];

    private static readonly string[] Bits =
    [
        "\r\n", "\n", "\r", "\0", " ", "\t", ":", ",", "&", "?", "/", "%", "%00", "%2F", "=", "\x7f", "\xff", "vid=x", "&vid=y", "Host: x\r\n", "Content-Length: 5\r\n",
        "Transfer-Encoding: chunked\r\n", "Sec-WebSocket-Key: x\r\n", "Upgrade: h2c\r\n", "HTTP/1.0", "..",
    ];

    [Fact]
    public async Task DamagedRequests_AreNeverThrownAt_AndNoneIsAcceptedThatIsNone()
    {
        int accepted = 0;
        await FuzzRun.RunAsync(rounds: 50_000, random =>
        {
            byte[] head = Encoding.Latin1.GetBytes(Damaged(random));

            UpgradeRequest? request = UpgradeRequest.Parse(head, out Refusal? refusal);

            (request is null).ShouldBe(refusal is not null);
            if (request is not null)
            {
                accepted++;
                string text = Encoding.Latin1.GetString(head);
                IsRequest(text, request).ShouldBeTrue($"accepted: {Uri.EscapeDataString(text)}");
            }
        });
        (accepted > 0 || Environment.GetEnvironmentVariable("PUSH_FUZZ_SEED") is not null).ShouldBeTrue("or it compares nothing");
    }

    private static string Damaged(Random random)
    {
        string head = Good[random.Next(Good.Length)];
        for (int times = random.Next(0, 4); times > 0; times--)
        {
            int at = random.Next(head.Length + 1);
            int length = Math.Min(random.Next(1, 8), head.Length - at);
            head = random.Next(6) switch
            {
                0 => head.Insert(at, Bits[random.Next(Bits.Length)]),
                1 => head.Remove(at, length),
                2 => head.Remove(at, length).Insert(at, ((char)random.Next(256)).ToString()),
                3 => head[..at],
                4 => head.Insert(at, head.Substring(at, length)),
                _ => SwapLines(random, head),
            };
        }

        return head;
    }

    private static string SwapLines(Random random, string head)
    {
        string[] lines = head.Split("\r\n");
        int a = random.Next(lines.Length);
        int b = random.Next(lines.Length);
        (lines[a], lines[b]) = random.Next(2) == 0 ? (lines[b], lines[a]) : (lines[b], lines[b]);
        return string.Join("\r\n", lines);
    }

    /// <summary>RFC 9112 and PROTOCOL.md §1 in regular expressions.</summary>
    private static bool IsRequest(string text, UpgradeRequest request)
    {
        string[] lines = text.Split("\r\n");
        Match line = RequestLine().Match(lines[0]);
        if (!line.Success || !Array.TrueForAll(lines[1..], HeaderLine().IsMatch))
        {
            return false;
        }

        ILookup<string, string> headers = lines[1..].Select(header => header.Split(':', 2))
            .ToLookup(pair => pair[0].ToUpperInvariant(), pair => pair[1].Trim(' ', '\t'));
        string[] vids = [.. ValuesOf(line.Groups["query"].Value, "vid")];
        string[] devices = [.. ValuesOf(line.Groups["query"].Value, "device")];
        return headers["HOST"].Count() == 1 && headers["HOST"].Single().Length > 0
            && !headers.Contains("TRANSFER-ENCODING")
            && headers["CONTENT-LENGTH"].All(length => length == "0") && headers["CONTENT-LENGTH"].Count() <= 1
            && headers["AUTHORIZATION"].Count() <= 1
            && ListOf(headers["UPGRADE"]).Contains("WEBSOCKET") && ListOf(headers["CONNECTION"]).Contains("UPGRADE")
            && headers["SEC-WEBSOCKET-VERSION"].SequenceEqual(["13"])
            && headers["SEC-WEBSOCKET-KEY"].Count() == 1 && Key().IsMatch(headers["SEC-WEBSOCKET-KEY"].Single())
            && (!ListOf(headers["SEC-WEBSOCKET-PROTOCOL"]).Any() || headers["SEC-WEBSOCKET-PROTOCOL"].Any(value => value.Contains("push.v1", StringComparison.Ordinal)))
            && (vids.Length == 1 ? Name().IsMatch(vids[0]) && request.Vid == vids[0] : vids.Length == 0 && request is { Vid: null, Role: not null })
            && (devices.Length == 0 || (devices.Length == 1 && Name().IsMatch(devices[0]) && request.Device == devices[0]))
            && line.Groups["role"].Success == (request.Role is not null);
    }

    private static IEnumerable<string> ValuesOf(string query, string name) => query.Split('&')
        .Select(pair => pair.Split('=', 2))
        .Where(pair => Uri.UnescapeDataString(pair[0]) == name)
        .Select(pair => pair.Length == 2 ? Uri.UnescapeDataString(pair[1]) : "");

    private static IEnumerable<string> ListOf(IEnumerable<string> values) =>
        values.SelectMany(value => value.ToUpperInvariant().Split(',')).Select(value => value.Trim()).Where(value => value.Length > 0);

    [GeneratedRegex(@"^GET /ws(/(?<role>[!-.0->@-~]+)/[!-.0->@-~]+)?(\?(?<query>[!-~]*))? HTTP/1\.1\z")]
    private static partial Regex RequestLine();

    [GeneratedRegex(@"^[!#$%&'*+.^_`|~0-9A-Za-z-]+:[\t -~\x80-\xff]*\z")]
    private static partial Regex HeaderLine();

    [GeneratedRegex(@"^[A-Za-z0-9+/]{22}==\z")]
    private static partial Regex Key();

    [GeneratedRegex(@"^[A-Za-z0-9][A-Za-z0-9._:-]{0,63}\z")]
    private static partial Regex Name();
}
