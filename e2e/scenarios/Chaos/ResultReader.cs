using PushPlatform.Delivery;
using PushPlatform.Delivery.Ledger;
using PushPlatform.Operator.Api;
using PushPlatform.Scenarios.Stages;

namespace PushPlatform.Scenarios.Chaos;

/// <summary>Reads what became of a campaign, revision by revision: resource and ledger.</summary>
internal sealed class ResultReader(Schedule schedule, LedgerAndCars ledgers, Chronicle chronicle, TimeSpan newcomersAt)
{
    public async Task<IReadOnlyList<RevisionSeen>> ReadAsync(CampaignDriver campaign, CancellationToken cancellationToken)
    {
        PushCampaign? resource = await campaign.ReadAsync(cancellationToken);
        List<RevisionSeen> revisions = [];
        for (int revision = 1; revision <= campaign.Revision; revision++)
        {
            bool last = revision == campaign.Revision;
            Ending ending = EndingOf(campaign, revision);
            RevisionSeen seen = new(campaign.DeliveryOf(revision), campaign.Plan.MaxPerSecond, ending)
            {
                Cap = campaign.Plan.Cap,
                RecreatedAt = campaign.RecreatedAt,
                TriedAgain = campaign.TriedAgain,
                Ended = !last || (CampaignEnd.HasEnded(resource) && CampaignEnd.Is(resource!.Status!.Phase, ending)),
                Status = CampaignEnd.Words(resource),
                Targets = TargetsOf(campaign.Plan),
                Others = OthersOf(campaign, revision),
            };
            revisions.Add(ending == Ending.LedgerLost || resource is null ? seen : await WithLedgerAsync(seen, resource, revision, last, cancellationToken));
        }
        return revisions;
    }

    private static Ending EndingOf(CampaignDriver campaign, int revision) =>
        revision < campaign.Revision ? campaign.LostAt is null ? Ending.Stopped : Ending.LedgerLost
        : campaign.Cancelled ? Ending.Cancelled
        : campaign.Aborted || campaign.RecreatedAt is not null ? Ending.Stopped
        : campaign.Plan.ExpiresAfterSeconds is not null ? Ending.Expired
        : Ending.Completed;

    private async Task<RevisionSeen> WithLedgerAsync(RevisionSeen seen, PushCampaign resource, int revision, bool last, CancellationToken cancellationToken)
    {
        CampaignKey key = LedgerAndCars.KeyOf(resource) with { Revision = revision };
        if (await ledgers.Store.Control.ReadAsync(key, cancellationToken) is null)
        {
            return seen;
        }
        Dictionary<string, DeliveryRecord> records = [];
        await foreach (DeliveryRecord record in ledgers.Store.Control.ScanAsync(key, cancellationToken))
        {
            records[record.Vid] = record;
        }
        Dictionary<string, bool> forgets = [];
        await foreach (DeliveryFate fate in ledgers.Store.Inquiry.ScanAsync(key, cancellationToken))
        {
            if (fate.Cancelled is { } forgotten)
            {
                forgets[fate.Unit] = forgotten;
            }
        }
        AuditReport audit = await ledgers.Store.Control.AuditAsync(key, cancellationToken);
        bool told = last && seen is { Ended: true, Ending: Ending.Completed or Ending.Expired };
        return seen with
        {
            Records = records,
            Forgets = forgets,
            Differences = [.. audit.Differences, .. told ? LedgerAndCars.StatusFaults(resource.Status?.Counts, audit.Scanned) : []],
        };
    }

    // Cars that were welcomed before the campaign was written are known; newcomers may come too early or too late.
    private HashSet<string> TargetsOf(CampaignPlan plan) => plan.Audience == Audience.Listed
        ? [.. schedule.VidsOf(plan, Presence.Connected, Presence.Newcomer)]
        : [.. schedule.VidsOf(plan, Presence.Connected, Presence.Away)];

    private HashSet<string> OthersOf(CampaignDriver campaign, int revision)
    {
        HashSet<string> others =
        [
            .. schedule.Groups.Where(group => !Schedule.IsFor(campaign.Plan, group)).SelectMany(group => group.Vids),
            .. schedule.VidsOf(campaign.Plan, Presence.Late),
        ];
        // The first copy shows that the set of targets was complete: whoever came after it is new.
        bool ignoresNewcomers = campaign.Plan is { NewVehicles: NewVehicles.Ignore, Audience: not Audience.Listed };
        if (ignoresNewcomers && chronicle.Copies.Any(copy => copy.Delivery == campaign.DeliveryOf(revision) && copy.At < newcomersAt))
        {
            others.UnionWith(schedule.VidsOf(campaign.Plan, Presence.Newcomer));
        }
        return others;
    }
}
