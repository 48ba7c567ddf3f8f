using System.Globalization;
using PushPlatform.Delivery.Ledger;

namespace PushPlatform.Delivery.Redis;

/// <summary>Reads the records that the scripts write; their form stands in <c>Scripts/_shard.lua</c>.</summary>
/// <param name="Delivery">What the record says to the outside.</param>
/// <param name="Flags">The letters after the state.</param>
internal readonly record struct LedgerRecord(DeliveryRecord Delivery, string Flags)
{
    /// <summary>Null: nothing that a script wrote. The next script that meets it puts it right.</summary>
    public static LedgerRecord? Read(string vid, string text)
    {
        string[] parts = text.Split(',');
        DeliveryState? state = parts[0].FirstOrDefault() switch
        {
            'p' => DeliveryState.Pending,
            's' => DeliveryState.Sent,
            'r' => DeliveryState.Received,
            'd' => DeliveryState.Delivered,
            'f' => DeliveryState.Failed,
            'j' => DeliveryState.Rejected,
            'e' => DeliveryState.Expired,
            'u' => DeliveryState.Suppressed,
            _ => null,
        };
        int attempt = 0;
        long session = 0;
        bool readable = state is not null && parts[0].All(char.IsAsciiLetter)
            && (parts.Length <= 1 || int.TryParse(parts[1], CultureInfo.InvariantCulture, out attempt))
            && (parts.Length <= 4 || long.TryParse(parts[4], CultureInfo.InvariantCulture, out session));
        return readable ? new LedgerRecord(new DeliveryRecord(vid, state!.Value, attempt, session), parts[0][1..]) : null;
    }

    /// <summary>This one record as counters.</summary>
    public LedgerCounts Count()
    {
        DeliveryState state = Delivery.State;
        bool delivered = state == DeliveryState.Delivered;
        return new LedgerCounts(
            Targeted: 1,
            Pending: One(state == DeliveryState.Pending),
            InFlight: One(state is DeliveryState.Sent or DeliveryState.Received),
            Delivered: One(delivered),
            Failed: One(state == DeliveryState.Failed),
            Rejected: One(state == DeliveryState.Rejected),
            Expired: One(state == DeliveryState.Expired),
            Suppressed: One(state == DeliveryState.Suppressed),
            Resends: Math.Max(0, Delivery.Attempt - 1),
            CaughtUp: One(delivered && Flags.Contains('a')),
            Installed: One(Flags.Contains('i')),
            FailedLater: One(Flags.Contains('x')),
            NoAck: One(state == DeliveryState.Failed && Flags.Contains('n')),
            Unanswered: One(Flags.Contains('o')),
            Rehearsed: One(Flags.Contains('h')),
            Cancelling: One(Flags.Contains('c')),
            Cancelled: One(Flags.Contains('g')),
            PutBack: One(state == DeliveryState.Pending && Delivery.Attempt > 0));
    }

    private static long One(bool condition) => condition ? 1 : 0;
}
