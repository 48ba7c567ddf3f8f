using PushPlatform.Kubernetes.Controllers;
using PushPlatform.Kubernetes.Events;
using PushPlatform.Kubernetes.Models;
using PushPlatform.Operator.Api;
using PushPlatform.Operator.Telemetry;

namespace PushPlatform.Operator.Campaigns;

/// <summary>Runs a pass whenever something calls for one.</summary>
internal sealed class CampaignController(CampaignPass pass) : IEntityController<PushCampaign>
{
    public async Task<ReconciliationResult<PushCampaign>> ReconcileAsync(PushCampaign entity, CancellationToken cancellationToken)
    {
        PassResult result = await pass.RunAsync(entity, cancellationToken);
        return ReconciliationResult<PushCampaign>.Success(entity, result.Requeue);
    }

    public async Task<ReconciliationResult<PushCampaign>> DeletedAsync(PushCampaign entity, CancellationToken cancellationToken)
    {
        await pass.ForgetAsync(entity);
        return ReconciliationResult<PushCampaign>.Success(entity);
    }
}

/// <summary>Deletion is abort: the resource stays until its gate is closed, and for 30 s at most.</summary>
internal sealed class CampaignFinalizer(CampaignPass pass, IEventPublisher events, TimeProvider time, ILogger<CampaignFinalizer> log) : IEntityFinalizer<PushCampaign>
{
    /// <summary>Stands in objects, so it never changes.</summary>
    public const string Identifier = "pushplatform.io/campaign";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    public async Task<ReconciliationResult<PushCampaign>> FinalizeAsync(PushCampaign entity, CancellationToken cancellationToken)
    {
        bool late = time.GetUtcNow() - entity.Metadata.DeletionTimestamp > Patience;
        PassResult result;
        try
        {
            result = await pass.RunAsync(entity, cancellationToken);
        }
        catch (Exception fault) when (late && fault is not OperationCanceledException)
        {
            log.FinalizeFailed(entity.Key(), fault);
            result = new PassResult(CampaignPlan.Live, Released: false);
        }
        if (result.Released || late)
        {
            if (!result.Released)
            {
                events.Publish(
                    entity,
                    Reasons.DeletedWhileUnreachable,
                    "The gate could not be closed within 30 s. A campaign with a limit stops within 60 s by itself; any other is closed when Redis is back",
                    EventType.Warning);
            }
            await pass.ForgetAsync(entity);
            return ReconciliationResult<PushCampaign>.Success(entity);
        }
        TimeSpan soon = result.Requeue < CampaignPlan.Live ? result.Requeue : CampaignPlan.Live;
        return ReconciliationResult<PushCampaign>.Success(entity, soon);
    }
}
