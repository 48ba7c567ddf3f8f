using System.Text.Json;
using PushPlatform.Delivery.Orders;
using PushPlatform.Kubernetes.Client;
using PushPlatform.Kubernetes.Informers;
using PushPlatform.Kubernetes.Models;
using PushPlatform.Operator.Api;
using PushPlatform.Operator.Campaigns.Retries;

namespace PushPlatform.Operator.Campaigns.Conflicts;

/// <summary>
/// Finds the rivals of a campaign that has not started yet, or that is to go on after its end. One that has started asks nobody: others end it, or wait for it.
/// </summary>
internal sealed class RivalReader(IKubernetesClient kubernetes, IEntityStore<PushCampaign> known)
{
    public async Task<Rivals> ReadAsync(CampaignObservation seen, IReadOnlyList<Order> orders, CancellationToken cancellationToken)
    {
        if (!Concerns(seen))
        {
            return Rivals.None;
        }
        if (!AsksNow(seen))
        {
            return new Rivals(Of(seen, known.List(seen.Campaign.Namespace()), []), Fresh: false);
        }
        EntityList<PushCampaign> all = await kubernetes.ListAsync<PushCampaign>(seen.Campaign.Namespace(), cancellationToken: cancellationToken);
        return new Rivals(Of(seen, all.Items, orders), Fresh: true);
    }

    internal static bool Concerns(CampaignObservation seen) =>
        seen is { Campaign.Metadata.DeletionTimestamp: null, IsDryRun: false } && (seen is { Tombstone: null, RecordedLedger: null } || RetryPlan.AsksRivals(seen));

    internal static bool AsksNow(CampaignObservation seen) => Acceptance.Recorded(seen) is null || seen.Memory.AsksRivals || (RetryPlan.AsksRivals(seen) && MayGoOn(seen));

    internal static IReadOnlyList<Rival> Of(CampaignObservation seen, IEnumerable<PushCampaign> campaigns, IEnumerable<Order> orders)
    {
        // What an older revision has told cars matters to one that goes on after its end, and to nobody else.
        bool takesOlder = RetryPlan.AsksRivals(seen);
        PushCampaign[] others =
        [
            .. campaigns.Where(other => other.Uid() != seen.Uid && CampaignObservation.PoolOf(other) == seen.Pool
                && other.Spec.Patch.Id == seen.Spec.Patch.Id && (takesOlder || other.Status.Revision == other.Spec.Revision) && !IsDryRun(other)),
        ];
        HashSet<(string, int)> told = [.. others.Select(other => (other.Uid(), other.Spec.Revision))];
        return
        [
            .. others.Select(Rival.Of),
            .. orders.Where(order => order is { LedgerId.Length: > 0, DryRun: false } && order.OwnerUid != seen.Uid && !told.Contains((order.OwnerUid, order.Revision)) && PatchOf(order) == seen.Spec.Patch.Id)
                .Select(order => Rival.OfOrder(order.CampaignId)),
        ];
    }

    // A pass that finds it held opens nothing, and such a hold may last for days.
    private static bool MayGoOn(CampaignObservation seen) => seen.Tombstone is not null || HoldPlan.WhileRunning(seen) is null;

    // Who sends nothing is in nobody's way. What has started stays what it was.
    private static bool IsDryRun(PushCampaign other) => other.Status.Ledger is null ? other.Spec.DryRun : other.Status.DryRun is true;

    private static string? PatchOf(Order order)
    {
        try
        {
            using var notice = JsonDocument.Parse(order.Notice);
            return notice.RootElement.GetProperty("patch").GetProperty("id").GetString();
        }
        catch (Exception foreign) when (foreign is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            return null; // What no operator has written, no node sends.
        }
    }
}
