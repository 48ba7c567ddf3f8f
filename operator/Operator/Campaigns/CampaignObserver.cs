using PushPlatform.Delivery;
using PushPlatform.Delivery.Ledger;
using PushPlatform.Delivery.Membership;
using PushPlatform.Delivery.Orders;
using PushPlatform.Kubernetes.Client;
using PushPlatform.Kubernetes.Informers;
using PushPlatform.Kubernetes.Models;
using PushPlatform.Operator.Api;
using PushPlatform.Operator.Api.Validation;
using PushPlatform.Operator.Campaigns.Conflicts;
using PushPlatform.Operator.Campaigns.Gates;
using PushPlatform.Operator.Campaigns.Lists;
using PushPlatform.Operator.Campaigns.Retries;

namespace PushPlatform.Operator.Campaigns;

/// <summary>Reads, once per pass, all that a decision rests on.</summary>
internal sealed class CampaignObserver(
    IKubernetesClient kubernetes,
    IEntityStore<PushPool> pools,
    IEntityStore<PushCampaignApproval> approvals,
    IOrderBook book,
    ILedgerControl ledgers,
    INodeMembership membership,
    ListReader lists,
    RivalReader rivals,
    BusWatch bus,
    TimeProvider time)
{
    /// <exception cref="StoreUnavailableException">Redis cannot be asked.</exception>
    public async Task<CampaignObservation> ObserveAsync(PushCampaign campaign, CampaignMemory memory, CancellationToken cancellationToken)
    {
        PoolName pool = CampaignObservation.PoolOf(campaign);
        string id = CampaignObservation.IdOf(campaign);
        OrderBookPage page = await book.ReadAsync(pool, cancellationToken);
        Order? order = page.Orders.FirstOrDefault(order => order.CampaignId == id);
        Tombstone? latest = await book.FindLatestTombstoneAsync(pool, id, cancellationToken);
        (int revision, Tombstone? tombstone) = await RevisionAtHandAsync(campaign, order, latest, cancellationToken);
        PushPool? resource = pools.Get(new NamespacedName(pool.Namespace, pool.Name));
        SessionMode? sessions = resource?.EffectiveSessions();
        LedgerReading? ledger = await ledgers.ReadAsync(new CampaignKey(pool, id, revision), cancellationToken);
        var seen = new CampaignObservation
        {
            Now = time.GetUtcNow(),
            Campaign = campaign,
            Faults = [.. CampaignValidation.Faults(campaign, campaign.Status, sessions: sessions).Select(fault => fault.ToString())],
            PoolExists = resource is { Metadata.DeletionTimestamp: null },
            Sessions = sessions,
            Revision = revision,
            Order = order,
            UnreadableSeq = page.Unreadable.GetValueOrDefault(id),
            Ledger = ledger,
            Tombstone = RetryPlan.EndOf(campaign, tombstone, ledger),
            LatestTombstone = latest,
            Nodes = await membership.LiveNodesAsync(pool, cancellationToken),
            Preview = order is { Gate: Gate.Preview, Listed: false } ? await book.ReadPreviewAsync(pool, id, cancellationToken) : [],
            BusFault = bus.Fault,
            Memory = memory,
        };
        seen = WithApprovals(await WithContentAsync(await WithOwnersAsync(seen, cancellationToken), cancellationToken));
        // Last: whether they are asked for anew rests on what holds the campaign, approvals included.
        return seen with { Rivals = await rivals.ReadAsync(seen, page.Orders, cancellationToken) };
    }

    /// <summary>The revision that the spec asks for, unless an older one has a ledger and no end.</summary>
    private async Task<(int Revision, Tombstone? End)> RevisionAtHandAsync(PushCampaign campaign, Order? order, Tombstone? latest, CancellationToken cancellationToken)
    {
        int wanted = campaign.Spec.Revision;
        if (OlderRevision(campaign, order, latest) is { } revision)
        {
            // One that has ended may still be telling cars to forget it: that is over before another begins.
            Tombstone? end = await EndOfAsync(campaign, revision, latest, cancellationToken);
            if (IsOpen(campaign, end) || order is { Cancels: true })
            {
                return (revision, end);
            }
        }
        return (wanted, await EndOfAsync(campaign, wanted, latest, cancellationToken));
    }

    /// <summary>One below what the spec asks for that may have a ledger and no end; null: there is none.</summary>
    internal static int? OlderRevision(PushCampaign campaign, Order? order, Tombstone? latest)
    {
        int wanted = campaign.Spec.Revision;
        PushCampaignStatus status = campaign.Status;
        // The status may still tell of an end after which the revision was let go on.
        bool isOver = CampaignPlan.IsEnd(status.Phase) && !(latest is { Reopened: true } && latest.Revision == status.Revision);
        int? recorded = status.Ledger is not null && !isOver ? status.Revision : null;
        int? ordered = order is { LedgerId.Length: > 0 } && order.OwnerUid == campaign.Uid() ? order.Revision : null;
        return recorded < wanted ? recorded : ordered < wanted ? ordered : null;
    }

    private static bool IsOpen(PushCampaign campaign, Tombstone? end) => end is null || (end.Reopened && end.OwnerUid == campaign.Uid());

    // The latest end answers for all revisions but older ones: most passes need no second look.
    private async Task<Tombstone?> EndOfAsync(PushCampaign campaign, int revision, Tombstone? latest, CancellationToken cancellationToken)
    {
        if (latest is null || latest.Revision <= revision)
        {
            return latest?.Revision == revision ? latest : null;
        }
        return await book.FindTombstoneAsync(CampaignObservation.PoolOf(campaign), CampaignObservation.IdOf(campaign), revision, cancellationToken);
    }

    // Asks the API server, not the cache: an owner that is only not known yet must not be taken for dead.
    private async Task<CampaignObservation> WithOwnersAsync(CampaignObservation seen, CancellationToken cancellationToken)
    {
        if (!seen.SeesOtherOwner)
        {
            return seen;
        }
        EntityList<PushCampaign> all = await kubernetes.ListAsync<PushCampaign>(seen.Campaign.Namespace(), cancellationToken: cancellationToken);
        HashSet<string> others = [.. new[] { seen.Order?.OwnerUid, seen.Ledger?.OwnerUid }.OfType<string>().Where(uid => uid != seen.Uid)];
        return seen with { OtherOwnerLives = all.Unreadable.Count > 0 || all.Items.Any(campaign => others.Contains(campaign.Uid())) };
    }

    private async Task<CampaignObservation> WithContentAsync(CampaignObservation seen, CancellationToken cancellationToken)
    {
        if (!NeedsLists(seen))
        {
            await lists.ForgetAsync(seen.Uid);
            return seen.Spec.Targets.VidsFrom is null ? seen with { ContentHash = TargetLists.ContentHashOf(seen.Spec, null) } : seen;
        }
        TargetLists read = await lists.ReadAsync(seen.Campaign, seen.Sessions, cancellationToken);
        return seen with { Lists = read, ContentHash = TargetLists.ContentHashOf(seen.Spec, read) };
    }

    /// <summary>Who is in them is in the ledger from the freeze on, and nobody asks once the end is known to be its own.</summary>
    internal static bool NeedsLists(CampaignObservation seen) =>
        OrderDraft.IsListed(seen.Spec.Targets) && seen is not { OwnsLedger: true, Ledger.Frozen: true } && !seen.KnowsItsEnd;

    private CampaignObservation WithApprovals(CampaignObservation seen)
    {
        // Once the targets are frozen nobody reads their lists any more: the ledger knows what they were.
        string content = seen.ContentHash.Length > 0 || !seen.OwnsLedger ? seen.ContentHash : seen.Ledger!.ContentHash;
        string hash = SpecHash.Of(seen.Campaign, content);
        return seen with { SpecHash = hash, Approvals = ApprovalList.Of(seen.Campaign, hash, approvals.List(seen.Campaign.Namespace())) };
    }
}
