using FsCheck;
using FsCheck.Fluent;
using PushPlatform.Delivery.Ledger;
using PushPlatform.Delivery.Orders;
using Shouldly;
using Xunit;

namespace PushPlatform.Tests.Integration.Delivery;

/// <summary>G2, whatever several nodes and the operator do to a few vehicles, in whatever order.</summary>
public abstract class LedgerCountsProperty(RedisFixture redis)
{
    // All in one shard, so that they meet in one header and one bucket.
    private const int Shard = 6;

    private static readonly string[] Vids = [.. RegistrySpec.VidsOfShard(Shard, 5)];

    private static Gen<Step> Steps => Gen.Frequency<Step>(
        (3, from vid in Gen.Elements(Vids) from away in Gen.Elements(true, false) select (Step)new Step.Put(vid, away)),
        (6, from vid in Gen.Elements(Vids)
            from session in Gen.Choose(1, 4)
            from last in Gen.Choose(0, 3)
            from timeout in Gen.Elements(0, 30)
            from takeAlong in Gen.Elements(true, false)
            from uncounted in Gen.Elements(true, false)
            from most in Gen.Elements<int?>(null, 16, 32)
            from dryRun in Gen.Frequency((5, Gen.Constant(false)), (1, Gen.Constant(true)))
            select (Step)new Step.Claim(vid, session, last, timeout, takeAlong, uncounted, most, dryRun)),
        (6, from vid in Gen.Elements(Vids)
            from status in Gen.Elements(Enum.GetValues<AckStatus>())
            from level in Gen.Elements(Enum.GetValues<AckLevel>())
            from wait in Gen.Elements(0, 3600)
            select (Step)new Step.Settle(vid, status, level, wait)),
        (1, from what in Gen.Elements(Enum.GetValues<EndOpen>()) select (Step)new Step.End(what)),
        (1, Gen.Constant<Step>(new Step.Cancel())),
        (1, from quota in Gen.Choose(0, 5) select (Step)new Step.Quota(quota)),
        (2, from round in Gen.Choose(1, 4)
            from codes in Gen.Elements<string[]?>(null, ["code"], ["NoAck", "other"], [])
            select (Step)new Step.Retry(round, codes)),
        (2, from silence in Gen.Elements<TimeSpan?>(null, TimeSpan.FromMilliseconds(1)) select (Step)new Step.Sweep(silence)),
        (1, Gen.Constant<Step>(new Step.Freeze())));

    [Fact]
    public void Counters_AnySequenceOfCalls_EqualTheScanAndFinalStatesStay() =>
        Prop.ForAll(Gen.ArrayOf(Steps).ToArbitrary(), steps => RunAsync(steps).GetAwaiter().GetResult())
            .Check(Config.QuickThrowOnFailure.WithMaxTest(25).WithEndSize(40));

    private async Task<bool> RunAsync(Step[] steps)
    {
        LedgerScene scene = await new LedgerScene(redis).CreatedAsync(cap: 48);
        Dictionary<string, DeliveryRecord> before = [];
        foreach (Step step in steps)
        {
            bool repeatable = await step.DoAsync(scene);
            AuditReport audit = await scene.Control.AuditAsync(scene.Campaign, CancellationToken.None);
            audit.Differences.ShouldBeEmpty($"after {step}");
            Dictionary<string, DeliveryRecord> after = await scene.RecordsAsync();
            before.Keys.ShouldBeSubsetOf(after.Keys, "targeted never falls");
            foreach ((string vid, DeliveryRecord record) in before)
            {
                MayBecome(record.State, after[vid].State, step is Step.Retry).ShouldBeTrue($"{vid}: {record.State} to {after[vid].State} by {step}");
                after[vid].Attempt.ShouldBeGreaterThanOrEqualTo(record.Attempt);
            }

            before = after;
            if (repeatable)
            {
                await step.DoAsync(scene);
                (await scene.RecordsAsync()).ShouldBe(before, $"{step} repeated");
            }
        }

        return true;
    }

    private static bool MayBecome(DeliveryState from, DeliveryState to, bool byRetry) => from switch
    {
        DeliveryState.Failed or DeliveryState.Rejected when byRetry => to == from || to == DeliveryState.Pending,
        DeliveryState.Pending => true,
        DeliveryState.Sent => to != DeliveryState.Pending,
        DeliveryState.Received => to is not DeliveryState.Pending and not DeliveryState.Sent,
        DeliveryState.Failed or DeliveryState.Expired => to == from || to == DeliveryState.Delivered,
        // What it said before a retry may have overtaken what it says now.
        DeliveryState.Rejected => to == from || to == DeliveryState.Delivered,
        _ => to == from,
    };

    /// <summary>One call of a node or of the operator.</summary>
    internal abstract record Step
    {
        /// <summary>Answers whether the same call again must change nothing.</summary>
        public abstract Task<bool> DoAsync(LedgerScene scene);

        internal sealed record Put(string Vid, bool Away) : Step
        {
            public override async Task<bool> DoAsync(LedgerScene scene)
            {
                await scene.TargetAsync(Vid, Away);
                return true;
            }
        }

        internal sealed record Claim(string Vid, long Session, int Last, int TimeoutSeconds, bool TakeAlong, bool Uncounted, int? MaxInFlight, bool DryRun) : Step
        {
            // Another moment makes another call of it where the first was too early, or where the next attempt is due at once.
            public override async Task<bool> DoAsync(LedgerScene scene) =>
                (await scene.ClaimAsync(Vid, Session, Last, new ClaimRules(TimeoutSeconds, MaxAttempts: 2, MaxInFlight, DryRun), TakeAlong, Uncounted)).Outcome
                    != ClaimOutcome.NotYet && TimeoutSeconds > 0;
        }

        internal sealed record Settle(string Vid, AckStatus Status, AckLevel Level, int InstallSeconds) : Step
        {
            public override async Task<bool> DoAsync(LedgerScene scene)
            {
                await scene.SettleAsync(Vid, Status, new SettleRules(Level, InstallSeconds), "code");
                return true;
            }
        }

        internal sealed record End(EndOpen What) : Step
        {
            public override async Task<bool> DoAsync(LedgerScene scene) =>
                !(await scene.Control.EndAsync(scene.Campaign, LedgerScene.Id, Shard, What, CancellationToken.None)).More;
        }

        internal sealed record Cancel : Step
        {
            public override async Task<bool> DoAsync(LedgerScene scene) =>
                !(await scene.Control.MarkCancelledAsync(scene.Campaign, LedgerScene.Id, Shard, CancellationToken.None)).More;
        }

        internal sealed record Quota(int Most) : Step
        {
            public override async Task<bool> DoAsync(LedgerScene scene) =>
                await scene.SetQuotaAsync(Shard, Most) >= Most;
        }

        internal sealed record Sweep(TimeSpan? Silence) : Step
        {
            public override async Task<bool> DoAsync(LedgerScene scene) =>
                !(await scene.Control.SweepTimeoutsAsync(scene.Campaign, LedgerScene.Id, Shard, 0, Silence, CancellationToken.None)).More;
        }

        internal sealed record Retry(int Round, string[]? Codes) : Step
        {
            public override async Task<bool> DoAsync(LedgerScene scene) =>
                !(await scene.Control.RetryAsync(scene.Campaign, LedgerScene.Id, Shard, Round, Codes, CancellationToken.None)).More;
        }

        internal sealed record Freeze : Step
        {
            public override async Task<bool> DoAsync(LedgerScene scene) =>
                await scene.Ledger.MarkFrozenAsync(scene.Campaign, LedgerScene.Id, Shard, CancellationToken.None) == LedgerReply.Ok;
        }
    }
}

[Collection(SingleRedisGroup.Name)]
public sealed class LedgerCountsOnSingleRedis(SingleRedis redis) : LedgerCountsProperty(redis);

[Collection(ClusteredRedisGroup.Name)]
public sealed class LedgerCountsOnRedisCluster(ClusteredRedis redis) : LedgerCountsProperty(redis);
