using PushPlatform.Delivery;
using PushPlatform.Kubernetes.Client;
using PushPlatform.Kubernetes.Models;
using PushPlatform.Operator.Api;
using PushPlatform.Operator.Campaigns.Lists;
using PushPlatform.Operator.Telemetry;

namespace PushPlatform.Operator.Campaigns;

/// <summary>One pass over one campaign: observe → decide → one step → status. The page to begin reading with.</summary>
internal sealed class CampaignPass(
    IKubernetesClient kubernetes,
    CampaignObserver observer,
    CampaignActuator actuator,
    StatusWriter status,
    CampaignDesk desk,
    CampaignMetrics metrics,
    ListReader lists,
    TimeProvider time,
    ILogger<CampaignPass> log)
{
    private static readonly TimeSpan ShortestRequeue = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan LongestBackoff = TimeSpan.FromSeconds(15);

    /// <returns>When to look again, and whether nothing of the campaign can send any more.</returns>
    public async Task<PassResult> RunAsync(PushCampaign cached, CancellationToken cancellationToken)
    {
        // Not the informer's copy: one that lags behind could open a gate again that a person has closed.
        if (await kubernetes.GetAsync<PushCampaign>(cached.Name(), cached.Namespace(), cancellationToken) is not { } campaign || campaign.Uid() != cached.Uid())
        {
            return new PassResult(CampaignPlan.Idle, Released: true);
        }
        CampaignFile file = desk.Of(campaign.Uid());
        try
        {
            CampaignObservation seen = await observer.ObserveAsync(campaign, file.Memory, cancellationToken);
            CampaignDecision decision = CampaignPlan.Decide(seen);
            if (decision.Step is not CampaignStep.None)
            {
                log.Acting(campaign.Key(), seen.Revision, decision.Step.GetType().Name);
            }
            using (CampaignTrace.Begin(seen, decision.Step))
            {
                file.Memory = await actuator.ActAsync(seen, decision, cancellationToken);
            }
            Answered(campaign, file);
            PushCampaignStatus next = CampaignStatus.Of(seen, decision.Standing);
            metrics.Observe(campaign.Key(), next.Counts);
            bool mustBeRecorded = (decision.Standing.Ledger is not null && campaign.Status.Ledger != decision.Standing.Ledger)
                || next.CurrentStep != campaign.Status.CurrentStep
                || next.Retry?.Round != campaign.Status.Retry?.Round;
            TimeSpan? owed = await status.WriteAsync(campaign, next, file, mustBeRecorded, cancellationToken);
            return new PassResult(Soonest(decision.Requeue, owed), decision.Released);
        }
        catch (StoreUnavailableException fault)
        {
            if (file.Failures++ == 0)
            {
                log.CampaignWithoutRedis(campaign.Key(), fault.Message);
            }
            PushCampaignStatus next = CampaignStatus.Unreachable(campaign, Reasons.RedisUnavailable, fault.Message, time.GetUtcNow());
            await status.WriteAsync(campaign, next, file, mustBeRecorded: false, cancellationToken);
            return new PassResult(Backoff(file.Failures), Released: false);
        }
    }

    public async Task ForgetAsync(PushCampaign campaign)
    {
        desk.Forget(campaign.Uid());
        metrics.Forget(campaign.Key());
        await lists.ForgetAsync(campaign.Uid());
    }

    // Only what changes is said, here and above: a campaign is looked at again every few seconds.
    private void Answered(PushCampaign campaign, CampaignFile file)
    {
        if (file.Failures > 0)
        {
            file.Failures = 0;
            log.CampaignHasRedisAgain(campaign.Key());
        }
    }

    private static TimeSpan Soonest(TimeSpan requeue, TimeSpan? owed)
    {
        TimeSpan soonest = owed < requeue ? owed.Value : requeue;
        return soonest < ShortestRequeue ? ShortestRequeue : soonest;
    }

    private static TimeSpan Backoff(int failures)
    {
        var backoff = TimeSpan.FromSeconds(Math.Pow(2, Math.Min(failures, 5) - 1));
        return backoff < LongestBackoff ? backoff : LongestBackoff;
    }
}

/// <param name="Requeue">When to look again at the latest.</param>
/// <param name="Released">Nothing of the campaign can send any more.</param>
internal sealed record PassResult(TimeSpan Requeue, bool Released);
