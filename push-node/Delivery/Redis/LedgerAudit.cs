using PushPlatform.Delivery.Ledger;

namespace PushPlatform.Delivery.Redis;

/// <summary>Holds counters against a scan (G2). Pure.</summary>
internal static class LedgerAudit
{
    public static AuditReport Compare(LedgerReading? reading, IReadOnlyList<LedgerCounts> scanned)
    {
        LedgerCounts total = scanned.Aggregate(LedgerCounts.Zero, (sum, counts) => sum + counts);
        if (reading is null)
        {
            return new AuditReport(LedgerCounts.Zero, total, ["there is no ledger"]);
        }

        List<string> differences = reading.Pace is null ? ["the pace is missing"] : [];
        for (int shard = 0; shard < Shards.Count; shard++)
        {
            differences.AddRange(reading.Shards[shard] is { } header
                ? Compare(header, scanned[shard])
                : [$"shard {shard}: its header is missing or another ledger's"]);
        }

        return new AuditReport(reading.Counts, total, differences);
    }

    private static IEnumerable<string> Compare(LedgerShard header, LedgerCounts scanned)
    {
        LedgerCounts kept = header.Counts;
        if (kept != scanned)
        {
            yield return $"shard {header.Shard}: counters say {kept}, its records {scanned}";
        }

        long sum = kept.Pending + kept.InFlight + kept.Delivered + kept.Failed + kept.Rejected + kept.Expired + kept.Suppressed;
        if (sum != kept.Targeted)
        {
            yield return $"shard {header.Shard}: the states sum to {sum}, not to the {kept.Targeted} targeted";
        }

        if (header.Claimed > header.Quota)
        {
            yield return $"shard {header.Shard}: {header.Claimed} claimed with a quota of {header.Quota}";
        }
    }
}
