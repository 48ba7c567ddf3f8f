using PushPlatform.Delivery;
using PushPlatform.Fleet;
using PushPlatform.Operator.Api;
using PushPlatform.Scenarios.Stages;

namespace PushPlatform.Scenarios.Cluster;

/// <summary>One run of a scenario: its campaign and its cars meet nothing that an earlier run left in the cluster.</summary>
internal sealed class ScenarioRun(ClusterStage stage, string scenario)
{
    private const string Sample = "brake-hotfix.yaml";
    private const string RunLabel = "run";
    private static readonly (double, double) InArea = (48.137, 11.575);

    private readonly string _id = $"{stage.Time.GetUtcNow():MMddHHmmss}";

    /// <summary>The campaign's name.</summary>
    public string Name => $"{scenario}-{_id}";

    /// <summary>Cars in the area of the sample.</summary>
    public VehicleGroup Cars(string name, int count, string model = "x7") => new($"{_id}-{name}", count)
    {
        Labels = new Dictionary<string, string> { ["model"] = model, [RunLabel] = _id },
        Center = InArea,
        RadiusMeters = 15_000,
    };

    /// <summary>The sample of the hotfix, on hold, for the cars of this run alone.</summary>
    public PushCampaign HeldCampaign(int maxPerSecond)
    {
        PushCampaign campaign = Manifests.Sample<PushCampaign>(Checkout.OfThisBuild().Root, Sample);
        campaign.Metadata.Name = Name;
        campaign.Metadata.NamespaceProperty = stage.Options.Namespace;
        campaign.Spec = campaign.Spec with
        {
            CampaignId = $"e2e/{Name}",
            Suspend = true,
            // Its own, or it would wait for what an earlier run left open.
            Patch = campaign.Spec.Patch with { Id = $"brake-ecu-{_id}" },
            Pace = new() { MaxPerSecond = maxPerSecond },
            Targets = campaign.Spec.Targets with { Selector = new() { MatchLabels = new Dictionary<string, string> { ["model"] = "x7", [RunLabel] = _id } } },
        };
        return campaign;
    }

    /// <summary>Holds what the cars saw against the ledger and the status, and takes the campaign away.</summary>
    /// <param name="campaign">As it is when it has ended.</param>
    /// <param name="told">Its targets.</param>
    /// <param name="others">Cars that are none.</param>
    /// <param name="caughtUp">How many targets were away when it started.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<ScenarioOutcome> JudgeAsync(
        PushCampaign campaign, IReadOnlyList<SimulatedVehicle> told, IReadOnlyList<SimulatedVehicle> others, int caughtUp, CancellationToken cancellationToken)
    {
        await using LedgerAndCars ledger = await stage.OpenLedgerAsync(cancellationToken);
        List<string> faults = [];
        // The way to Redis leads through its pod, and is laid anew when that is another one.
        await stage.UntilAsync(
            "Redis to answer the audit",
            async _ =>
            {
                try
                {
                    faults.AddRange(await ledger.FaultsAsync(campaign, told, others, cancellationToken));
                    return true;
                }
                catch (StoreUnavailableException)
                {
                    return false;
                }
            },
            cancellationToken);
        CampaignCounts counts = campaign.Status?.Counts ?? new CampaignCounts();
        if (counts.Delivered != told.Count || counts.CaughtUp != caughtUp)
        {
            faults.Add($"the status says delivered {counts.Delivered} and caughtUp {counts.CaughtUp}, and must say {told.Count} and {caughtUp}");
        }
        await stage.DeleteAsync(campaign.Metadata.Name!, cancellationToken);
        int Shown(SimulatedVehicle car) => car.Seen.Where(seen => seen.Delivery == LedgerAndCars.KeyOf(campaign).DeliveryId).Sum(seen => seen.Shown);
        return new ScenarioOutcome(told.Count + others.Count, told.Count(car => Shown(car) == 0), told.Count(car => Shown(car) > 1), faults);
    }
}
