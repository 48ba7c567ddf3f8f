using PushPlatform.Delivery.Ledger;
using PushPlatform.Delivery.Orders;
using PushPlatform.Delivery.Targeting;
using PushPlatform.Operator.Api;
using DeliveryRules = PushPlatform.Delivery.Orders.DeliveryRules;
using Order = PushPlatform.Delivery.Orders.Order;
using Pace = PushPlatform.Delivery.Ledger.Pace;

namespace PushPlatform.Operator.Campaigns.Cancelling;

/// <summary>
/// What <c>spec.cancel</c> means once a revision has ended, whichever way: mark the cars that were told and have neither installed nor rejected it, then have the nodes tell
/// them to forget it, until all have answered or the revision would have expired. The order that does so can send nothing else: it is paused, and has no notice.
/// </summary>
internal static class CancelPlan
{
    /// <summary>Whether there are cars to tell, or to wait for.</summary>
    public static bool IsTelling(CampaignObservation seen) =>
        seen.Spec.Cancel
        && seen.Revision == seen.Spec.Revision
        && seen is { OwnsLedger: true, Ledger.Whole: true, Tombstone: { } end }
        && end.OwnerUid == seen.Uid && end.LedgerId == seen.Ledger!.LedgerId
        && (seen.Order is null || seen.OwnsOrder)
        && seen.Clock < RunningPlan.ExpiresAt(seen)
        && !(IsMarked(seen) && seen.Ledger.Counts.Cancelling == 0);

    /// <summary>The next thing to do about them.</summary>
    public static CampaignStep Step(CampaignObservation seen)
    {
        LedgerReading ledger = seen.Ledger!;
        if (!IsMarked(seen))
        {
            return new CampaignStep.MarkCancelled(ledger.LedgerId);
        }
        // A person's hold holds this, too. Windows do not: what is taken back is taken back at once.
        Pace pace = ledger.Pace! with
        {
            Open = false,
            Cancels = !seen.Spec.Suspend,
            RatePerSecond = seen.Spec.Pace.MaxPerSecond,
            NotAfter = RunningPlan.ExpiresAt(seen),
            Supervised = Supervision.IsNeeded(seen.Spec),
        };
        Order order = Order(seen);
        bool orderDiffers = seen.Order is null || !OrderDraft.Same(seen.Order, order);
        return ledger.Pace == pace && !orderDiffers
            ? new CampaignStep.None()
            : new CampaignStep.Align(ledger.LedgerId, ledger.Pace == pace ? null : pace, orderDiffers ? order : null, seen.PlannedFrom);
    }

    /// <summary>Takes away what tells cars to forget an ended revision; null where nothing does.</summary>
    public static CampaignStep? Stop(CampaignObservation seen)
    {
        Pace? shut = seen is { OwnsLedger: true, Ledger.Pace: { IsShut: false } pace } ? pace.Shut : null;
        return shut is not null || seen is { OwnsOrder: true, Order.Cancels: true } ? new CampaignStep.Finish(seen.Ledger?.LedgerId ?? "", shut, null) : null;
    }

    /// <summary>The end as people see it: what was cancelled is cancelled, whichever way it had ended before.</summary>
    public static Tombstone Shown(CampaignObservation seen, Tombstone end)
    {
        bool own = end.OwnerUid == seen.Uid && seen.Revision == seen.Spec.Revision;
        bool remembered = seen.StatusIsCurrent && seen.Status.AbortReason == Reasons.Cancelled;
        if (!own || !(end.Reason == Reasons.Cancelled || remembered || IsTelling(seen)))
        {
            return end;
        }
        LedgerCounts counts = seen is { OwnsLedger: true, Ledger.Whole: true } ? seen.Ledger!.Counts : remembered ? EndingPlan.CountsOf(seen.Status.Counts) : end.Counts;
        return end with { Outcome = CampaignOutcome.Aborted, Reason = Reasons.Cancelled, Counts = counts };
    }

    private static bool IsMarked(CampaignObservation seen) => seen.Ledger!.Shards.All(shard => shard!.Marked);

    // Without a notice: whatever goes wrong, nobody is told of the patch.
    private static Order Order(CampaignObservation seen) => new()
    {
        CampaignId = seen.Key.CampaignId,
        Revision = seen.Revision,
        OwnerUid = seen.Uid,
        Generation = seen.Campaign.Metadata.Generation ?? 0,
        LedgerId = seen.Ledger!.LedgerId,
        StartedAt = seen.Ledger.StartedAt,
        Gate = Gate.Paused,
        Cancels = true,
        Listed = true,
        Filter = new TargetFilter(),
        Delivery = new DeliveryRules { AckLevel = seen.Spec.Delivery.AckLevel == RequiredAck.Installed ? AckLevel.Installed : AckLevel.Received },
        Notice = "",
        TraceParent = CampaignTrace.Of(seen),
    };
}
