using PushPlatform.Delivery.Ledger;
using PushPlatform.Operator.Api;

namespace PushPlatform.Tests.Unit.Operator.Steps;

/// <summary>A campaign with steps, played through: 320 targets, twenty in each shard.</summary>
public abstract class StepLife : CampaignLife
{
    protected const int Targets = 320;

    protected static RolloutStep Soak(int? count = null, int? percent = null, int seconds = 60) => new() { Count = count, Percent = percent, PauseSeconds = seconds };

    protected static LedgerCounts Deliver(LedgerCounts counts, long cars) => counts with { Delivered = counts.Delivered + cars };

    protected static LedgerCounts Fail(LedgerCounts counts, long cars) => counts with { Failed = counts.Failed + cars };

    protected static LedgerCounts Send(LedgerCounts counts, long cars) => counts with { InFlight = counts.InFlight + cars };

    protected StepStatus Step(int number) => World.Status.Steps![number - 1];

    protected long Quotas => World.Ledger!.Shards.Sum(shard => shard!.Quota!.Value);

    protected long Claimed => World.Ledger!.Shards.Sum(shard => shard!.Claimed);

    /// <summary>Up to the first step.</summary>
    protected void StartWith(params RolloutStep[] steps)
    {
        World.Matching = Targets;
        SetSteps(steps);
        Start();
        World.OpenOnNodes = 1;
        Seconds(2);
    }

    protected void SetSteps(params RolloutStep[] steps) => World.Edit(spec => spec with { Rollout = new Rollout { Steps = steps.Length == 0 ? null : steps } });

    protected void Seconds(int seconds)
    {
        for (int i = 0; i < seconds; i++)
        {
            World.Settle();
            World.Now = World.Now.AddSeconds(1);
        }
        World.Settle();
    }

    /// <summary>All that are online are told and deliver, as often as the quotas are moved.</summary>
    protected void TellAll(Func<LedgerCounts, long, LedgerCounts> become)
    {
        for (int i = 0; i < 40; i++)
        {
            World.Tell(20, become);
            World.Settle();
        }
    }
}
