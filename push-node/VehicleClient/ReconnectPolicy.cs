using System.Globalization;
using System.Net;
using System.Net.Http.Headers;

namespace PushPlatform.VehicleClient;

/// <summary>How a connection or an attempt ended, as far as it decides when to come back.</summary>
/// <param name="CloseCode">The code of the node's close frame.</param>
/// <param name="ByeReason">The reason in the node's <c>bye</c>; it counts also when the close frame was lost.</param>
/// <param name="HttpStatus">The status of a refused handshake.</param>
/// <param name="NotBefore">The node's own word: <c>reconnectAfterMs</c> or <c>Retry-After</c>.</param>
/// <param name="BrokeProtocol">The node sent what no node may send.</param>
internal sealed record ConnectionEnd(
    int? CloseCode = null, string? ByeReason = null, HttpStatusCode? HttpStatus = null, TimeSpan? NotBefore = null, bool BrokeProtocol = false);

/// <summary>When to come back.</summary>
/// <param name="Wait">The time until the next attempt.</param>
/// <param name="NeedsNewToken">Only with another token than the last one.</param>
internal sealed record Comeback(TimeSpan Wait, bool NeedsNewToken = false);

/// <summary>The table of PROTOCOL.md §6. A pure function of what happened, the number of attempts and a random number.</summary>
internal sealed class ReconnectPolicy(TimeSpan firstBackoff, TimeSpan maxBackoff, Func<double> nextRandom)
{
    /// <summary>The least time away after "replaced" and after a breach of the protocol: nothing is gained by coming back sooner.</summary>
    internal static readonly TimeSpan LongWait = TimeSpan.FromSeconds(60);

    /// <summary>No word of a node or proxy keeps a car away for longer.</summary>
    internal static readonly TimeSpan MaxNotBefore = TimeSpan.FromHours(1);

    private enum Manner
    {
        WithJitter,
        LongAway,
        NewToken,
    }

    /// <param name="end">What happened.</param>
    /// <param name="attempts">Attempts since the last connection that lasted, 0 for none.</param>
    internal Comeback Decide(ConnectionEnd end, int attempts)
    {
        Manner manner = Judge(end);
        TimeSpan least = end.NotBefore ?? TimeSpan.Zero;
        if (manner == Manner.LongAway && least < LongWait)
        {
            least = LongWait;
        }

        TimeSpan jitter = manner switch
        {
            // Spread over another minute: cars that were sent away together must not come back together.
            Manner.LongAway when end.NotBefore is null => LongWait * nextRandom(),
            // The node has spread these itself, so the jitter only needs to break ties.
            Manner.LongAway or Manner.WithJitter when end.NotBefore is not null && attempts == 0 => firstBackoff * nextRandom(),
            _ => Backoff(attempts) * nextRandom(),
        };
        return new Comeback((least < MaxNotBefore ? least : MaxNotBefore) + jitter, manner == Manner.NewToken);
    }

    /// <summary>Reads <c>Retry-After</c>, in seconds or as a date (RFC 9110 §10.2.3); null when it is neither.</summary>
    internal static TimeSpan? ParseRetryAfter(string value, DateTimeOffset now)
    {
        if (!RetryConditionHeaderValue.TryParse(value, out RetryConditionHeaderValue? parsed))
        {
            // More seconds than fit into an int: a proxy may say anything.
            return long.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out _) ? MaxNotBefore : null;
        }

        TimeSpan wait = parsed.Delta ?? parsed.Date!.Value - now;
        return wait > TimeSpan.Zero ? wait : TimeSpan.Zero;
    }

    private static Manner Judge(ConnectionEnd end) => end switch
    {
        { ByeReason: "unauthorized" } or { CloseCode: 4401 } => Manner.NewToken,
        { HttpStatus: HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden } => Manner.NewToken,
        { ByeReason: "replaced" or "protocol" } or { CloseCode: 4409 or 1002 or 1003 or 1007 or 1009 or 4400 } => Manner.LongAway,
        { HttpStatus: HttpStatusCode.BadRequest or HttpStatusCode.NotFound or HttpStatusCode.MethodNotAllowed or HttpStatusCode.UpgradeRequired or HttpStatusCode.RequestHeaderFieldsTooLarge } => Manner.LongAway,
        { BrokeProtocol: true } => Manner.LongAway,
        _ => Manner.WithJitter,
    };

    private TimeSpan Backoff(int attempts)
    {
        double ceiling = firstBackoff.TotalSeconds * Math.Pow(2, Math.Min(attempts, 62));
        return ceiling < maxBackoff.TotalSeconds ? TimeSpan.FromSeconds(ceiling) : maxBackoff;
    }
}
