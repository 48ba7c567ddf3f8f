using PushPlatform.Delivery.Ledger;
using StackExchange.Redis;

namespace PushPlatform.Delivery.Redis;

/// <summary>Makes a ledger so that a crash at any line is completed by a retry, and a loss is never taken for such a crash (G9).</summary>
internal sealed class LedgerMaker(RedisConnection redis)
{
    // Small hashes stay listpacks: about 26 bytes a vehicle, against 80 in one great hash.
    private const long VehiclesPerBucket = 64;

    private static readonly RedisScript MakePace = RedisScript.Load("pace-create");
    private static readonly RedisScript MakeHeader = RedisScript.Load("header-create");
    private static readonly RedisScript SetPace = RedisScript.Load("pace-set");

    public async Task<CreateReply> CreateAsync(CampaignKey campaign, LedgerPlan plan, CancellationToken cancellationToken)
    {
        if (await FindRemnantAsync(campaign, cancellationToken) is { } remnant)
        {
            return Judge(remnant, plan);
        }

        Standing standing = await MakePaceAsync(campaign, plan, cancellationToken);
        CreateReply reply = Judge(standing, plan);
        if (!standing.Whole && reply.Outcome is CreateOutcome.Created or CreateOutcome.Exists)
        {
            await MakeHeadersAsync(campaign, plan, standing, cancellationToken);
        }

        return reply;
    }

    /// <summary>A header without a pace is what a loss left over: it is told, and never completed.</summary>
    private async Task<Standing?> FindRemnantAsync(CampaignKey campaign, CancellationToken cancellationToken)
    {
        if (await redis.CallAsync(database => database.KeyExistsAsync(PushKeys.Pace(campaign)), cancellationToken))
        {
            return null;
        }

        RedisValue[][] headers = await Task.WhenAll(Enumerable.Range(0, Shards.Count).Select(shard => redis.CallAsync(
            database => database.HashGetAsync(PushKeys.Header(campaign, shard), ["id", "content", "owner", "startedAt"]), cancellationToken)));
        RedisValue[]? header = headers.FirstOrDefault(fields => !fields[0].IsNull);
        return header is null ? null : new Standing(header[0]!, header[1]!, header[2]!, (long)header[3], Whole: true);
    }

    private async Task<Standing> MakePaceAsync(CampaignKey campaign, LedgerPlan plan, CancellationToken cancellationToken)
    {
        RedisValue[] arguments =
        [
            plan.LedgerId, plan.ContentHash, plan.OwnerUid, plan.Pace.RatePerSecond ?? RedisValue.EmptyString,
            plan.Pace.NotAfter.ToUnixTimeMilliseconds(), plan.Pace.Supervised, plan.Pace.DryRun,
        ];
        RedisValue[] pace = (RedisValue[])await redis.EvaluateAsync(MakePace, [PushKeys.Pace(campaign)], arguments, cancellationToken);
        return new Standing(pace[0]!, pace[1]!, pace[2]!, (long)pace[3], pace[4] == 1);
    }

    private async Task MakeHeadersAsync(CampaignKey campaign, LedgerPlan plan, Standing standing, CancellationToken cancellationToken)
    {
        long buckets = Math.Max(1, (plan.ExpectedTargets + (Shards.Count * VehiclesPerBucket) - 1) / (Shards.Count * VehiclesPerBucket));
        await Task.WhenAll(Enumerable.Range(0, Shards.Count).Select(shard => redis.EvaluateAsync(
            MakeHeader,
            [PushKeys.Header(campaign, shard)],
            [standing.Id, standing.Content, standing.Owner, standing.StartedAt, buckets, QuotaOf(shard, plan.Cap)],
            cancellationToken)));
        await redis.EvaluateAsync(SetPace, [PushKeys.Pace(campaign)], [standing.Id, "whole", 1], cancellationToken);
    }

    // The first shards take what does not divide evenly: the sum is the cap exactly (G4).
    private static RedisValue QuotaOf(int shard, long? cap) =>
        cap is { } most ? (most / Shards.Count) + (shard < most % Shards.Count ? 1 : 0) : RedisValue.EmptyString;

    private static CreateReply Judge(Standing standing, LedgerPlan plan)
    {
        CreateOutcome outcome =
            standing.Content != plan.ContentHash ? CreateOutcome.OtherContent
            : standing.Owner != plan.OwnerUid ? CreateOutcome.OtherOwner
            : standing.Id != plan.LedgerId ? CreateOutcome.Exists
            : CreateOutcome.Created;
        return new CreateReply(outcome, standing.Id, standing.StartedAt);
    }

    private sealed record Standing(string Id, string Content, string Owner, long StartedAt, bool Whole);
}
