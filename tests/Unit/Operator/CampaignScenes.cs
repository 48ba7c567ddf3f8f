using PushPlatform.Operator.Api;
using PushPlatform.Operator.Campaigns;
using PushPlatform.Operator.Campaigns.Conflicts;

namespace PushPlatform.Tests.Unit.Operator;

/// <summary>
/// Campaigns in every state that the operator writes, each brought there by its own plan and put into words by its own status: what those who read
/// statuses (kstatus, Argo CD) are held against, so that the two cannot drift.
/// </summary>
internal sealed class CampaignScenes : CampaignLife
{
    /// <summary>How each state comes about, by name.</summary>
    private static readonly Dictionary<string, Action<CampaignScenes>> Makers = new()
    {
        ["not seen yet"] = scene => scene.World.SetStatus(AsCreated.Of<PushCampaignStatus>("pushcampaigns")),
        ["counting"] = scene => scene.World.Pass(),
        ["scheduled"] = scene =>
        {
            scene.World.Edit(spec => spec with { Schedule = new Schedule { StartAt = scene.World.Now.AddHours(8) } });
            scene.Preview();
            scene.World.Settle();
        },
        ["suspended while it is counted"] = scene => { scene.Suspend(); scene.World.Pass(); },
        ["suspended before the start"] = scene => { scene.Suspend(); scene.Preview(); scene.World.Settle(); },
        ["too many match"] = scene =>
        {
            scene.World.Edit(spec => spec with { Targets = spec.Targets with { MaxTargets = 31 } });
            scene.Preview();
            scene.World.Settle();
        },
        ["too few are online"] = scene =>
        {
            scene.World.Edit(spec => spec with { Rollout = new Rollout { MinOnline = new MinOnline { Percent = 80 } } });
            scene.Preview();
            scene.World.Settle();
        },
        ["nobody has approved it"] = scene => { scene.AskForApproval(); scene.Preview(); scene.World.Settle(); },
        ["denied while pushing"] = scene =>
        {
            scene.AskForApproval();
            scene.World.Say(ApprovalVerb.Approve, "alice");
            scene.Start();
            scene.World.Say(ApprovalVerb.Deny, "bob", "the download server is down");
            scene.World.Settle();
        },
        ["writing down the targets"] = scene => { scene.Preview(); scene.World.Settle(); },
        ["pushing"] = scene => scene.Start(),
        ["suspended while pushing"] = scene => { scene.Start(); scene.Suspend(); scene.World.Settle(); },
        ["outside its windows"] = scene =>
        {
            scene.World.Edit(spec => spec with { Schedule = new Schedule { Windows = [new SendWindow { From = "12:00", To = "13:00", TimeZone = "UTC" }] } });
            scene.Start();
            scene.World.Now = scene.World.Now.AddHours(1);
            scene.World.Settle();
        },
        ["paused by a limit"] = scene => { scene.FailTooMany(LimitAction.Pause); scene.World.Settle(); },
        ["aborted by a limit"] = scene => { scene.FailTooMany(LimitAction.Abort); scene.WaitOut(); },
        ["catching up"] = scene => scene.Pushed(),
        ["waits for another of the same patch"] = scene =>
        {
            scene.World.Rivals = _ => new Rivals([new Rival { Name = "recall", Priority = 500, AcceptedAt = DateTimeOffset.UnixEpoch, Started = true }], Fresh: true);
            scene.Preview();
            scene.World.Settle();
        },
        ["gives way to another"] = scene =>
        {
            scene.Start();
            scene.World.SetStatus(scene.World.Status with { SupersededBy = "recall" });
            scene.World.Settle();
        },
        ["gave way to another"] = scene =>
        {
            scene.Start();
            scene.World.SetStatus(scene.World.Status with { SupersededBy = "recall" });
            scene.WaitOut();
        },
        ["everybody has it"] = scene => scene.AllDelivered(),
        ["one car failed"] = scene =>
        {
            scene.Pushed();
            scene.World.Change(counts => counts with { Delivered = counts.Targeted - 1, Failed = 1, Pending = 0, InFlight = 0 });
            scene.WaitOut();
        },
        ["nobody matches"] = scene => { scene.World.Matching = 0; scene.Start(); scene.WaitOut(); },
        ["being aborted"] = scene => { scene.Start(); scene.World.Change(counts => counts with { Pending = 1, InFlight = 1 }); scene.Abort(); scene.World.Settle(); },
        ["aborted"] = scene => { scene.Start(); scene.Abort(); scene.WaitOut(); },
        ["taken back after its end"] = scene => { scene.AllDelivered(); scene.Cancel(); scene.WaitOut(); scene.World.Forget(1); scene.World.Settle(); },
        ["taken back, and a higher revision comes"] = scene =>
        {
            scene.Pushed();
            scene.Cancel();
            scene.WaitOut();
            scene.World.Edit(spec => spec with { Revision = 2, Cancel = false, Patch = spec.Patch with { Version = "3" } });
            scene.World.Pass();
        },
        ["expired"] = scene => { scene.Pushed(); scene.World.Now = scene.World.Now.AddDays(7); scene.WaitOut(); },
        ["a higher revision takes over"] = scene =>
        {
            scene.Start();
            scene.World.Edit(spec => spec with { Revision = 2, Patch = spec.Patch with { Version = "3" } });
            scene.World.Settle();
        },
        ["made again after its end"] = scene => { scene.AllDelivered(); scene.MakeAgain(); scene.World.Settle(); },
        ["made again with another patch"] = scene =>
        {
            scene.AllDelivered();
            scene.MakeAgain();
            scene.World.Edit(spec => spec with { Patch = spec.Patch with { Version = "3" } });
            scene.World.Settle();
        },
        ["invalid"] = scene => { scene.World.Faults = ["spec.pace: impossible"]; scene.World.Settle(); },
        ["invalid and suspended"] = scene => { scene.World.Faults = ["spec.pace: impossible"]; scene.Suspend(); scene.World.Settle(); },
        ["changed after the start"] = scene =>
        {
            scene.Start();
            scene.World.Edit(spec => spec with { Patch = spec.Patch with { Version = "3" } });
            scene.World.Settle();
        },
        ["ledger lost"] = scene => { scene.Start(); scene.World.Lose(); scene.World.Settle(); },
        ["no pool"] = scene => { scene.World.PoolExists = false; scene.World.Settle(); },
        ["edited, not seen yet"] = scene => { scene.Start(); scene.Suspend(); },
        ["Redis away at first sight"] = scene => { Makers!["not seen yet"](scene); scene.RedisGoes(); },
        ["Redis away while pushing"] = scene => { scene.Start(); scene.RedisGoes(); },
        ["Redis away while pushing, edited"] = scene => { scene.Start(); scene.Suspend(); scene.RedisGoes(); },
        ["Redis away after the end"] = scene => { scene.AllDelivered(); scene.RedisGoes(); },
        ["bus away while pushing"] = scene =>
        {
            scene.Start();
            CampaignObservation seen = scene.World.Observe() with { BusFault = "RabbitMQ does not answer" };
            scene.World.SetStatus(CampaignStatus.Of(seen, CampaignPlan.Decide(seen).Standing));
        },
    };

    public static IEnumerable<string> Names => Makers.Keys;

    public static PushCampaign Of(string name)
    {
        CampaignScenes scene = new();
        Makers[name](scene);
        return scene.World.Campaign!;
    }

    private void AskForApproval() => World.Edit(spec => spec with { Rollout = new Rollout { Approval = ApprovalMode.Manual } });

    private void FailTooMany(LimitAction action)
    {
        World.Edit(spec => spec with { Rollout = new Rollout { AbortWhen = [new AbortLimit { Percent = 20, Action = action }] } });
        Start();
        World.Change(counts => counts with { Delivered = 1, Failed = 1, Pending = 0 });
    }

    private void Suspend() => World.Edit(spec => spec with { Suspend = true });

    private void Abort() => World.Edit(spec => spec with { Abort = true });

    private void Cancel() => World.Edit(spec => spec with { Cancel = true });

    private void AllDelivered()
    {
        Pushed();
        Deliver(2);
        WaitOut();
    }

    private void MakeAgain()
    {
        World.Campaign = CampaignWorld.NewCampaign("uid-2");
        World.Crash();
    }

    private void RedisGoes() =>
        World.SetStatus(CampaignStatus.Unreachable(World.Campaign!, Reasons.RedisUnavailable, "Redis does not answer", World.Now));
}
