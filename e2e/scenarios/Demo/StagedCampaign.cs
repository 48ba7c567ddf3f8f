using System.Text.Json.Nodes;
using PushPlatform.Delivery.Ledger;
using PushPlatform.Fleet;
using PushPlatform.Kubernetes.Client;
using PushPlatform.Operator.Api;
using PushPlatform.Scenarios.Stages;

namespace PushPlatform.Scenarios.Demo;

/// <summary>A campaign of a story, in the hands of the person who runs it: held, let go, watched, and audited in the end.</summary>
internal sealed class StagedCampaign(Stage stage, PushCampaign resource, VehicleFleet fleet, IDemoView view, TimeProvider time)
{
    private string Name => resource.Metadata.Name!;

    /// <summary>Applies it on hold: it looks how many cars it would reach, and sends nothing.</summary>
    public Task ApplyHeldAsync(CancellationToken cancellationToken)
    {
        resource.Spec = resource.Spec with { Suspend = true };
        return stage.ApplyAsync(resource, cancellationToken);
    }

    public Task LetGoAsync(CancellationToken cancellationToken) => ChangeAsync(new JsonObject { ["suspend"] = false }, cancellationToken);

    /// <param name="spec">What is to be different; the rest stays.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public Task ChangeAsync(JsonObject spec, CancellationToken cancellationToken) => stage.Kubernetes.PatchAsync<PushCampaign>(
        V1Patch.Merge(new JsonObject { ["spec"] = spec }),
        Name,
        Manifests.Namespace,
        cancellationToken: cancellationToken);

    /// <summary>Shows the status until it is so, and answers it.</summary>
    /// <exception cref="TimeoutException">It did not become so within the stage's patience.</exception>
    public async Task<PushCampaignStatus> WhenAsync(string what, Func<PushCampaignStatus, bool> holds, CancellationToken cancellationToken)
    {
        PushCampaignStatus status = new();
        await stage.UntilAsync(
            what,
            async token =>
            {
                status = (await stage.CampaignAsync(Name, token))?.Status ?? status;
                view.Show(status, fleet.ConnectedCount);
                return holds(status);
            },
            cancellationToken);
        return status;
    }

    public Task<PushCampaignStatus> WhenTrueAsync(string condition, CancellationToken cancellationToken) => WhenAsync(
        condition,
        status => status.Conditions?.Any(found => found.Type == condition && found.Status == "True") == true,
        cancellationToken);

    /// <summary>The ledger's counters against a scan of it.</summary>
    public async Task<AuditReport> AuditAsync(CancellationToken cancellationToken)
    {
        await using LedgerAndCars check = await LedgerAndCars.OpenAsync(stage, time, cancellationToken);
        return await check.AuditAsync((await stage.CampaignAsync(Name, cancellationToken))!, cancellationToken);
    }
}
