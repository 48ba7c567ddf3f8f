using PushPlatform.Delivery.Ledger;
using StackExchange.Redis;

namespace PushPlatform.Delivery.Redis;

/// <summary>The operator's side of the ledger.</summary>
internal sealed class RedisLedgerControl(RedisConnection redis) : ILedgerControl
{
    // About 512 records a call, well below a millisecond of everybody's Redis.
    private const int BucketsPerCall = 8;

    // Keys whose time to live is set in one call.
    private const int RetiredPerCall = 256;

    /// <summary>How a pace says that its gate is open.</summary>
    internal const int OpenToAll = 1;

    /// <summary>How it says so in a dry run: nodes of a version that knows no dry runs take it for closed.</summary>
    internal const int OpenForDryRun = 2;

    /// <summary>How it says that vehicles may be told to forget it, and nothing else: likewise.</summary>
    internal const int OpenForCancels = 3;

    private static readonly RedisScript SetPace = RedisScript.Load("pace-set");
    private static readonly RedisScript Supervise = RedisScript.Load("supervise");
    private static readonly RedisScript RetirePace = RedisScript.Load("pace-retire");
    private static readonly RedisScript End = Load("end");
    private static readonly RedisScript Sweep = Load("sweep");
    private static readonly RedisScript Cancel = Load("cancel");
    private static readonly RedisScript Retire = Load("retire");
    private static readonly RedisScript Retry = Load("retry");

    private readonly LedgerMaker _maker = new(redis);
    private readonly LedgerReader _reader = new(redis);
    private readonly QuotaMover _quotas = new(redis);

    public Task<CreateReply> CreateAsync(CampaignKey campaign, LedgerPlan plan, CancellationToken cancellationToken) =>
        _maker.CreateAsync(campaign, plan, cancellationToken);

    public Task<LedgerReading?> ReadAsync(CampaignKey campaign, CancellationToken cancellationToken) =>
        _reader.ReadAsync(campaign, cancellationToken);

    public async Task<bool> SetPaceAsync(CampaignKey campaign, string ledgerId, Pace pace, CancellationToken cancellationToken)
    {
        RedisValue[] arguments =
        [
            ledgerId, "open", OpenOf(pace), "rate", pace.RatePerSecond ?? RedisValue.EmptyString,
            "notAfter", pace.NotAfter.ToUnixTimeMilliseconds(), "supervised", pace.Supervised, "dry", pace.DryRun, "catchUp", pace.CatchUpPercent,
        ];
        return !(await redis.EvaluateLedgerAsync(SetPace, [PushKeys.Pace(campaign)], arguments, cancellationToken)).IsNull;
    }

    public async Task<bool> SuperviseAsync(CampaignKey campaign, string ledgerId, TimeSpan ahead, CancellationToken cancellationToken) =>
        !(await redis.EvaluateLedgerAsync(
            Supervise, [PushKeys.Pace(campaign)], [ledgerId, (long)ahead.TotalMilliseconds], cancellationToken)).IsNull;

    public Task<bool> MoveQuotaAsync(CampaignKey campaign, LedgerReading seen, long cap, QuotaMove move, CancellationToken cancellationToken) =>
        _quotas.MoveAsync(campaign, seen, cap, move, cancellationToken);

    public async Task<EndReply> EndAsync(CampaignKey campaign, string ledgerId, int shard, EndOpen what, CancellationToken cancellationToken)
    {
        (string from, string to) = what switch
        {
            EndOpen.PendingExpired => ("p", "e"),
            EndOpen.PendingSuppressed => ("p", "u"),
            _ => ("psr", "e"),
        };
        RedisResult reply = await redis.EvaluateLedgerAsync(
            End, PushKeys.Shard(campaign, shard), [ledgerId, from, to, BucketsPerCall], cancellationToken);
        return reply.IsNull ? Lost : new EndReply(LedgerLost: false, ((int[])reply)[0], More: ((int[])reply)[1] == 1, NextBucket: 0);
    }

    public async Task<EndReply> SweepTimeoutsAsync(
        CampaignKey campaign, string ledgerId, int shard, int fromBucket, TimeSpan? silence, CancellationToken cancellationToken)
    {
        RedisResult reply = await redis.EvaluateLedgerAsync(
            Sweep, PushKeys.Shard(campaign, shard), [ledgerId, fromBucket, BucketsPerCall, (long)(silence?.TotalMilliseconds ?? 0)], cancellationToken);
        if (reply.IsNull)
        {
            return Lost;
        }

        int[] parts = (int[])reply;
        return new EndReply(LedgerLost: false, parts[0], More: parts[1] >= 0, NextBucket: Math.Max(0, parts[1]));
    }

    public async Task<EndReply> MarkCancelledAsync(CampaignKey campaign, string ledgerId, int shard, CancellationToken cancellationToken)
    {
        RedisResult reply = await redis.EvaluateLedgerAsync(Cancel, PushKeys.Shard(campaign, shard), [ledgerId, BucketsPerCall], cancellationToken);
        return reply.IsNull ? Lost : new EndReply(LedgerLost: false, ((int[])reply)[0], More: ((int[])reply)[1] == 1, NextBucket: 0);
    }

    public async Task<EndReply> RetryAsync(
        CampaignKey campaign, string ledgerId, int shard, int round, IReadOnlyList<string>? codes, CancellationToken cancellationToken)
    {
        RedisResult reply = await redis.EvaluateLedgerAsync(
            Retry, PushKeys.Shard(campaign, shard), [ledgerId, round, BucketsPerCall, codes is null, .. (codes ?? []).Select(code => (RedisValue)code)], cancellationToken);
        return reply.IsNull ? Lost : new EndReply(LedgerLost: false, ((int[])reply)[0], More: ((int[])reply)[1] == 1, NextBucket: 0);
    }

    public IAsyncEnumerable<DeliveryRecord> ScanAsync(CampaignKey campaign, CancellationToken cancellationToken) =>
        _reader.ScanAsync(campaign, cancellationToken);

    public async Task<AuditReport> AuditAsync(CampaignKey campaign, CancellationToken cancellationToken) =>
        LedgerAudit.Compare(
            await _reader.ReadAsync(campaign, cancellationToken), await _reader.CountAsync(campaign, cancellationToken));

    public async Task RetireAsync(CampaignKey campaign, string ledgerId, TimeSpan? keepFor, CancellationToken cancellationToken)
    {
        RedisValue keepMs = (long)(keepFor?.TotalMilliseconds ?? 0);
        for (int shard = 0; shard < Shards.Count; shard++)
        {
            int bucket = 0;
            while (bucket >= 0)
            {
                RedisResult reply = await redis.EvaluateLedgerAsync(
                    Retire, PushKeys.Shard(campaign, shard), [ledgerId, bucket, RetiredPerCall, keepMs], cancellationToken);
                bucket = reply.IsNull ? -1 : (int)reply;
            }
        }

        await redis.EvaluateLedgerAsync(RetirePace, [PushKeys.Pace(campaign)], [ledgerId, keepMs], cancellationToken);
    }

    public Task<ServerReport> InspectServerAsync(CancellationToken cancellationToken) => ServerInspection.InspectAsync(redis, cancellationToken);

    private static int OpenOf(Pace pace) => pace switch
    {
        { Cancels: true } => OpenForCancels,
        { Open: false } => 0,
        _ => pace.DryRun ? OpenForDryRun : OpenToAll,
    };

    private static EndReply Lost => new(LedgerLost: true, 0, More: false, 0);

    private static RedisScript Load(string name) => RedisScript.LoadAfter("_shard", name);
}
