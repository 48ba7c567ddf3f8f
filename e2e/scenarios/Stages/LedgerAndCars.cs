using Microsoft.Extensions.Logging.Abstractions;
using PushPlatform.Delivery;
using PushPlatform.Delivery.Ledger;
using PushPlatform.Delivery.Redis;
using PushPlatform.Fleet;
using PushPlatform.Operator.Api;

namespace PushPlatform.Scenarios.Stages;

/// <summary>The end of every fault story: the ledger beside what the cars saw. Reads Redis directly, past all links.</summary>
internal sealed class LedgerAndCars : IAsyncDisposable
{
    private LedgerAndCars(RedisStore store) => Store = store;

    public RedisStore Store { get; }

    public static Task<LedgerAndCars> OpenAsync(Stage stage, TimeProvider time, CancellationToken cancellationToken) =>
        OpenAsync(stage.Redis.ConnectionString, time, cancellationToken);

    /// <param name="redis">As in a node's settings.</param>
    /// <param name="time">The clock.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public static async Task<LedgerAndCars> OpenAsync(string redis, TimeProvider time, CancellationToken cancellationToken) =>
        new(await RedisStore.ConnectAsync(redis, time, NullLoggerFactory.Instance, cancellationToken));

    /// <summary>The counters of the campaign's present revision beside a scan of its records (G2).</summary>
    public Task<AuditReport> AuditAsync(PushCampaign campaign, CancellationToken cancellationToken) =>
        Store.Control.AuditAsync(KeyOf(campaign), cancellationToken);

    public static CampaignKey KeyOf(PushCampaign campaign) =>
        new(new PoolName(campaign.Metadata.NamespaceProperty!, campaign.Spec.PoolRef.Name), campaign.EffectiveCampaignId(), campaign.Spec.Revision);

    /// <summary>
    /// What is not as it must be when the campaign's present revision has ended, in words; empty when all is well: the audit is clean, the status says what the ledger says,
    /// every target that <paramref name="told"/> names saw the notice and showed it once, however many copies came, and no car of <paramref name="others"/> saw it.
    /// </summary>
    /// <param name="campaign">As it stands in the API now.</param>
    /// <param name="told">The targets that were online while it was open.</param>
    /// <param name="others">Cars that are no targets.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<IReadOnlyList<string>> FaultsAsync(
        PushCampaign campaign, IEnumerable<SimulatedVehicle> told, IEnumerable<SimulatedVehicle> others, CancellationToken cancellationToken)
    {
        AuditReport audit = await AuditAsync(campaign, cancellationToken);
        string delivery = KeyOf(campaign).DeliveryId;
        return
        [
            .. audit.Differences,
            .. StatusFaults(campaign.Status?.Counts, audit.Scanned),
            .. told.Where(car => Of(car, delivery) is null).Select(car => $"{car.Vid}: a target that was online never saw {delivery}"),
            .. told.Where(car => Of(car, delivery)?.Shown > 1).Select(car => $"{car.Vid}: showed {delivery} {Of(car, delivery)!.Shown} times"),
            .. others.Where(car => Of(car, delivery) is not null).Select(car => $"{car.Vid}: is no target and saw {delivery}"),
        ];
    }

    public ValueTask DisposeAsync() => Store.DisposeAsync();

    private static SeenDelivery? Of(SimulatedVehicle car, string delivery) => car.Seen.FirstOrDefault(seen => seen.Delivery == delivery);

    /// <summary>Where a status and a ledger differ, in words.</summary>
    public static IEnumerable<string> StatusFaults(CampaignCounts? status, LedgerCounts ledger)
    {
        CampaignCounts said = status ?? new CampaignCounts();
        (string Name, long Status, long Ledger)[] counts =
        [
            ("targeted", said.Targeted, ledger.Targeted),
            ("pending", said.Pending, ledger.Pending),
            ("inFlight", said.InFlight, ledger.InFlight),
            ("delivered", said.Delivered, ledger.Delivered),
            ("failed", said.Failed, ledger.Failed),
            ("rejected", said.Rejected, ledger.Rejected),
            ("expired", said.Expired + said.Superseded, ledger.Expired),
            ("suppressed", said.Suppressed, ledger.Suppressed),
        ];
        foreach ((string name, long inStatus, long inLedger) in counts.Where(count => count.Status != count.Ledger))
        {
            yield return $"the status says {name} {inStatus}, the ledger {inLedger}";
        }
        long sum = ledger.Pending + ledger.InFlight + ledger.Delivered + ledger.Failed + ledger.Rejected + ledger.Expired + ledger.Suppressed;
        if (sum != ledger.Targeted)
        {
            yield return $"the ledger's states add up to {sum}, and {ledger.Targeted} are targeted";
        }
    }
}
