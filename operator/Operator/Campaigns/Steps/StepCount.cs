using PushPlatform.Delivery.Ledger;
using PushPlatform.Operator.Api;

namespace PushPlatform.Operator.Campaigns.Steps;

/// <summary>
/// What belongs to which step. The ledger knows sums alone, so the open step has all that happened since it opened, but for what can be seen to be of cars of the
/// steps before it.
/// </summary>
internal static class StepCount
{
    public static long Claimed(LedgerReading ledger) => ledger.Shards.Sum(shard => shard?.Claimed ?? 0);

    /// <summary>Counts the last step, and sets the ones before right.</summary>
    /// <param name="opened">All that were opened.</param>
    /// <param name="ledger">The sums.</param>
    public static void Take(List<StepStatus> opened, LedgerReading ledger)
    {
        LedgerCounts counts = ledger.Counts;
        // Put back by a retry, a car has failed until it is told again.
        long failed = counts.Failed + counts.Rejected + counts.PutBack;
        // What they have counted as failed, and is no failure any more (told again, or answered late), would hide failures of the open step.
        Earlier(opened, Sum(opened, step => step.Failed) - failed, step => step.Failed, (step, cars) => step with { Failed = step.Failed - cars });
        long attempted = Math.Max(0, Claimed(ledger) - Sum(opened, step => step.Attempted));
        failed = Math.Max(0, failed - Sum(opened, step => step.Failed));
        long delivered = Math.Max(0, counts.Delivered - Sum(opened, step => step.Delivered));
        // More than it has told: those are cars of the steps before.
        Earlier(
            opened, delivered + failed - attempted, step => Math.Max(0, step.Attempted - step.Delivered - step.Failed), (step, cars) => step with { Delivered = step.Delivered + cars });
        delivered = Math.Max(0, counts.Delivered - Sum(opened, step => step.Delivered));
        opened[^1] = opened[^1] with { Attempted = attempted, Delivered = delivered, Failed = failed };
    }

    private static long Sum(List<StepStatus> opened, Func<StepStatus, long> of) => opened.SkipLast(1).Sum(of);

    /// <summary>Spreads so many cars over the steps before the last one, the latest first.</summary>
    private static void Earlier(List<StepStatus> opened, long cars, Func<StepStatus, long> most, Func<StepStatus, long, StepStatus> change)
    {
        for (int index = opened.Count - 2; index >= 0 && cars > 0; index--)
        {
            long some = Math.Min(cars, most(opened[index]));
            opened[index] = change(opened[index], some);
            cars -= some;
        }
    }
}
