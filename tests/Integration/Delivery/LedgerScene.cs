using PushPlatform.Delivery;
using PushPlatform.Delivery.Ledger;
using PushPlatform.Delivery.Orders;
using PushPlatform.Delivery.Redis;
using Shouldly;
using StackExchange.Redis;
using Xunit;

namespace PushPlatform.Tests.Integration.Delivery;

/// <summary>One campaign's ledger on a real Redis, small enough for one bucket a shard, and short words for what specs do with it.</summary>
internal sealed class LedgerScene(RedisFixture redis)
{
    public const string Id = "ledger-1";

    public static readonly ClaimRules Patient = new(AckTimeoutSeconds: 30, MaxAttempts: 3);

    /// <summary>Every attempt is overdue at once.</summary>
    public static readonly ClaimRules Hasty = new(AckTimeoutSeconds: 0, MaxAttempts: 3);

    public static readonly SettleRules Received = new(AckLevel.Received, InstallTimeoutSeconds: 3600);

    public static readonly SettleRules Installed = new(AckLevel.Installed, InstallTimeoutSeconds: 3600);

    public CampaignKey Campaign { get; } = new(redis.NewPool(), "fleet/brakes", 1);

    public IDeliveryLedger Ledger => redis.Store.Ledger;

    public ILedgerControl Control => redis.Store.Control;

    public IDatabase Raw => redis.Raw.GetDatabase();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static LedgerPlan Plan(long? cap = null, Pace? pace = null) => new(Id, "hash", "owner", 100, cap, pace ?? OpenPace() with { Open = false });

    public static Pace OpenPace(int? rate = null) => new(Open: true, rate, DateTimeOffset.UtcNow.AddHours(1), Supervised: false);

    public async Task<LedgerScene> CreatedAsync(long? cap = null)
    {
        (await Control.CreateAsync(Campaign, Plan(cap), Token)).Outcome.ShouldBe(CreateOutcome.Created);
        return this;
    }

    public async Task<LedgerScene> WithTargetsAsync(params string[] vids)
    {
        await CreatedAsync();
        foreach (string vid in vids)
        {
            await TargetAsync(vid);
        }

        return this;
    }

    public Task<LedgerReply> TargetAsync(string vid, bool away = false) =>
        Ledger.TargetAsync(Campaign, Id, Shards.Of(vid), [new Target(vid, away)], Token);

    public async Task<ClaimResult> ClaimAsync(
        string vid, long session, int last = 0, ClaimRules? rules = null, bool takeAlong = false, bool uncounted = false)
    {
        ClaimReply reply = await Ledger.ClaimAsync(
            Campaign, Id, Shards.Of(vid), rules ?? Patient, [new ClaimRequest(vid, session, last, takeAlong, uncounted)], Token);
        reply.LedgerLost.ShouldBeFalse();
        return reply.Results.ShouldHaveSingleItem();
    }

    public async Task SettleAsync(string vid, AckStatus status, SettleRules? rules = null, string? code = null) =>
        (await Ledger.SettleAsync(
            Campaign, Id, Shards.Of(vid), rules ?? Received, [new Settlement(vid, status, code)], Token)).ShouldBe(LedgerReply.Ok);

    public async Task<DeliveryState?> StateAsync(string vid) => (await RecordsAsync()).GetValueOrDefault(vid)?.State;

    public async Task<Dictionary<string, DeliveryRecord>> RecordsAsync()
    {
        Dictionary<string, DeliveryRecord> records = [];
        await foreach (DeliveryRecord record in Control.ScanAsync(Campaign, Token))
        {
            records.Add(record.Vid, record);
        }

        return records;
    }

    public async Task<LedgerCounts> CountsAsync() => (await Control.ReadAsync(Campaign, Token))!.Counts;

    public async Task ShouldBeCleanAsync() => (await Control.AuditAsync(Campaign, Token)).Differences.ShouldBeEmpty();

    public Task LoseHeaderAsync(int shard) => Raw.KeyDeleteAsync(PushKeys.Header(Campaign, shard));

    /// <summary>Gives a shard this quota, whatever the sum is then; answers what stands.</summary>
    public async Task<long> SetQuotaAsync(int shard, long quota)
    {
        LedgerReading seen = (await Control.ReadAsync(Campaign, Token))!;
        long others = seen.Shards.Where(other => other!.Shard != shard).Sum(other => other!.Quota!.Value);
        (await Control.MoveQuotaAsync(Campaign, seen, others + quota, new QuotaMove([(shard, quota)], [shard]), Token)).ShouldBeTrue();
        return (await Control.ReadAsync(Campaign, Token))!.Shards[shard]!.Quota!.Value;
    }

    /// <summary>Redis time in ms.</summary>
    public async Task<long> NowAsync() => (await Control.ReadAsync(Campaign, Token))!.RedisNow / 1000;

    /// <summary>Lets time pass for one record: the moment that it notes becomes this one (ms).</summary>
    public async Task SetMomentAsync(string vid, long moment)
    {
        RedisKey bucket = PushKeys.Bucket(Campaign, Shards.Of(vid), 0);
        string[] parts = ((string)(await Raw.HashGetAsync(bucket, vid))!).Split(',');
        parts[^1] = $"{moment}";
        await Raw.HashSetAsync(bucket, vid, string.Join(',', parts));
    }

    /// <summary>The failures on record, oldest first: vid, outcome, code.</summary>
    public async Task<IReadOnlyList<(string Vid, string Outcome, string Code)>> FailuresAsync(int shard)
    {
        RedisResult[] entries = (RedisResult[])await Raw.ExecuteAsync("XRANGE", PushKeys.Failures(Campaign, shard), "-", "+");
        return [.. entries.Select(entry => (string[])((RedisResult[])entry)[1]).Select(fields => (fields[1], fields[3], fields[5]))];
    }
}
