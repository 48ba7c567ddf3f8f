using PushPlatform.Kubernetes.Client;
using PushPlatform.Kubernetes.Controllers;
using PushPlatform.Kubernetes.Events;
using PushPlatform.Kubernetes.Models;
using PushPlatform.Operator.Api;
using PushPlatform.Operator.Api.Validation;
using PushPlatform.Operator.Campaigns;
using PushPlatform.Operator.Conditions;

namespace PushPlatform.Operator.Approvals;

/// <summary>Judges each approval once and writes down what it was; the campaign that it names is woken by that write.</summary>
internal sealed class ApprovalController(IKubernetesClient kubernetes, IdentityProof proof, StatusUpdate statuses, IEventPublisher events, TimeProvider time)
    : IEntityController<PushCampaignApproval>
{
    public async Task<ReconciliationResult<PushCampaignApproval>> ReconcileAsync(PushCampaignApproval entity, CancellationToken cancellationToken)
    {
        if (entity.Status.Recorded is not null)
        {
            if (ApprovalValidation.Faults(entity, entity.Status) is [var fault, ..])
            {
                events.Publish(entity, ApprovalReasons.ChangedAfterwards, $"It counts as it was at first: {fault.Message}", EventType.Warning);
            }
            return ReconciliationResult<PushCampaignApproval>.Success(entity);
        }
        string @namespace = entity.Namespace()!;
        PushCampaign? campaign = await kubernetes.GetAsync<PushCampaign>(entity.Spec.CampaignRef.Name, @namespace, cancellationToken);
        bool isProven = await proof.HoldsAsync(@namespace, cancellationToken);
        ApprovalVerdict? verdict = ApprovalJudgement.Of(entity, campaign, isProven);
        if (verdict is null || !await RecordAsync(entity, verdict, cancellationToken))
        {
            return ReconciliationResult<PushCampaignApproval>.Success(entity, CampaignPlan.Live);
        }
        if (!verdict.Accepted)
        {
            events.Publish(entity, verdict.Reason, verdict.Message, EventType.Warning);
        }
        return ReconciliationResult<PushCampaignApproval>.Success(entity);
    }

    public Task<ReconciliationResult<PushCampaignApproval>> DeletedAsync(PushCampaignApproval entity, CancellationToken cancellationToken) =>
        Task.FromResult(ReconciliationResult<PushCampaignApproval>.Success(entity));

    /// <returns>False: it is not as it was read any more.</returns>
    private Task<bool> RecordAsync(PushCampaignApproval approval, ApprovalVerdict verdict, CancellationToken cancellationToken)
    {
        DateTimeOffset now = time.GetUtcNow();
        var conditions = new ConditionList(approval.Status.Conditions, approval.Generation(), now);
        conditions.Set(ApprovalJudgement.Condition, verdict.Accepted, verdict.Reason, verdict.Message);
        PushCampaignApprovalStatus status = new() { AppliedAt = RunningPlan.WholeSeconds(now), Recorded = ApprovalValidation.Recorded(approval.Spec), Conditions = conditions.Build() };
        return statuses.TryUpdateAsync<PushCampaignApproval, PushCampaignApprovalSpec, PushCampaignApprovalStatus>(approval, status, cancellationToken);
    }
}
