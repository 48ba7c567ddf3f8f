using System.Globalization;
using System.Security.Cryptography;
using PushPlatform.Delivery.Ledger;
using StackExchange.Redis;

namespace PushPlatform.Delivery.Redis;

/// <summary>The node's side of the ledger.</summary>
internal sealed class RedisDeliveryLedger(RedisConnection redis) : IDeliveryLedger
{
    private static readonly RedisScript LeaseScript = RedisScript.Load("lease");
    private static readonly RedisScript Claim = Load("claim");
    private static readonly RedisScript Look = Load("look");
    private static readonly RedisScript Settle = Load("settle");
    private static readonly RedisScript TargetScript = Load("target");
    private static readonly RedisScript Freeze = Load("freeze");

    // Who asks for leases: shares are fair between processes, each of which has one of these.
    private readonly string _asker = RandomNumberGenerator.GetHexString(8);

    public Task<Lease> LeaseAsync(CampaignKey campaign, string ledgerId, LeaseRequest wanted, CancellationToken cancellationToken) =>
        LeaseAsync(campaign, ledgerId, wanted, wanted.DryRun ? RedisLedgerControl.OpenForDryRun : RedisLedgerControl.OpenToAll, cancellationToken);

    public Task<Lease> LeaseCancelsAsync(CampaignKey campaign, string ledgerId, int wanted, CancellationToken cancellationToken) =>
        LeaseAsync(campaign, ledgerId, new LeaseRequest(wanted), RedisLedgerControl.OpenForCancels, cancellationToken);

    public async Task<ClaimReply> ClaimAsync(
        CampaignKey campaign, string ledgerId, int shard, ClaimRules rules, IReadOnlyList<ClaimRequest> batch, CancellationToken cancellationToken)
    {
        ShardArguments arguments = new(shard, batch.Count, ledgerId, rules.AckTimeoutSeconds * 1000L, rules.MaxAttempts, MostInFlight(shard, rules), rules.DryRun, rules.Retry);
        foreach (ClaimRequest request in batch)
        {
            arguments.Add(request.Vid, request.Session, More(request));
        }

        RedisResult reply = await EvaluateAsync(Claim, campaign, shard, arguments, cancellationToken);
        if (reply.IsNull)
        {
            return new ClaimReply(LedgerLost: true, []);
        }

        return new ClaimReply(LedgerLost: false, arguments.InOrder((RedisValue[])reply, ReadClaim));
    }

    public async Task<LookReply> LookAsync(
        CampaignKey campaign, string ledgerId, int shard, IReadOnlyList<string> vids, CancellationToken cancellationToken)
    {
        ShardArguments arguments = new(shard, vids.Count, ledgerId);
        foreach (string vid in vids)
        {
            arguments.Add(vid);
        }

        RedisResult reply = await EvaluateAsync(Look, campaign, shard, arguments, cancellationToken);
        return reply.IsNull ? new LookReply(LedgerLost: true, []) : new LookReply(LedgerLost: false, arguments.InOrder((RedisValue[])reply, ReadStanding));
    }

    public async Task<LedgerReply> SettleAsync(
        CampaignKey campaign, string ledgerId, int shard, SettleRules rules, IReadOnlyList<Settlement> batch, CancellationToken cancellationToken)
    {
        ShardArguments arguments = new(
            shard, batch.Count, ledgerId, rules.AckLevel == Orders.AckLevel.Installed ? "installed" : "received", rules.InstallTimeoutSeconds * 1000L);
        foreach (Settlement settlement in batch)
        {
            arguments.Add(settlement.Vid, settlement.Seen ? "seen" : Word(settlement.Status), settlement.Code ?? "");
        }

        return ReadReply(await EvaluateAsync(Settle, campaign, shard, arguments, cancellationToken));
    }

    public async Task<LedgerReply> TargetAsync(
        CampaignKey campaign, string ledgerId, int shard, IReadOnlyList<Target> batch, CancellationToken cancellationToken)
    {
        ShardArguments arguments = new(shard, batch.Count, ledgerId);
        foreach (Target target in batch)
        {
            arguments.Add(target.Vid, target.Away);
        }

        return ReadReply(await EvaluateAsync(TargetScript, campaign, shard, arguments, cancellationToken));
    }

    public async Task<LedgerReply> MarkFrozenAsync(CampaignKey campaign, string ledgerId, int shard, CancellationToken cancellationToken) =>
        ReadReply(await EvaluateAsync(Freeze, campaign, shard, new ShardArguments(shard, 0, ledgerId), cancellationToken));

    public async Task<IReadOnlyList<bool>> FrozenAsync(CampaignKey campaign, string ledgerId, CancellationToken cancellationToken)
    {
        RedisValue[][] headers;
        try
        {
            headers = await Task.WhenAll(Enumerable.Range(0, Shards.Count).Select(shard => redis.CallAsync(
                database => database.HashGetAsync(PushKeys.Header(campaign, shard), ["id", "frozen"]), cancellationToken)));
        }
        catch (StoreDamagedException)
        {
            return [];
        }

        return headers.All(header => header[0] == ledgerId) ? [.. headers.Select(header => header[1] == 1)] : [];
    }

    private static RedisScript Load(string name) => RedisScript.LoadAfter("_shard", name);

    private async Task<Lease> LeaseAsync(CampaignKey campaign, string ledgerId, LeaseRequest wanted, int gate, CancellationToken cancellationToken)
    {
        RedisResult lease = await redis.EvaluateLedgerAsync(
            LeaseScript, [PushKeys.Pace(campaign)], [ledgerId, _asker, Math.Max(0, wanted.Sends), gate, wanted.CatchUp], cancellationToken);
        if (lease.IsNull)
        {
            return new Lease(LeaseOutcome.LedgerLost, 0, TimeSpan.Zero);
        }

        RedisResult[] reply = (RedisResult[])lease;
        LeaseOutcome outcome = (string)reply[0] switch
        {
            "granted" => LeaseOutcome.Granted,
            "exhausted" => LeaseOutcome.RateExhausted,
            "closed" => LeaseOutcome.GateClosed,
            _ => LeaseOutcome.LedgerLost,
        };
        return new Lease(outcome, (int)reply[1], TimeSpan.FromMilliseconds((long)reply[2])) { CatchUp = (int)reply[3] };
    }

    private Task<RedisResult> EvaluateAsync(
        RedisScript script, CampaignKey campaign, int shard, ShardArguments arguments, CancellationToken cancellationToken) =>
        redis.EvaluateLedgerAsync(script, PushKeys.Shard(campaign, shard), arguments.SortByHash().ToArray(), cancellationToken);

    // The first shards take what does not divide evenly. 0 is no limit.
    private static long MostInFlight(int shard, ClaimRules rules) =>
        rules.MaxInFlight is { } most ? Math.Max(1, (most / Shards.Count) + (shard < most % Shards.Count ? 1 : 0)) : 0;

    private static LedgerReply ReadReply(RedisResult reply) =>
        reply.IsNull ? LedgerReply.LedgerLost : (int)reply == 0 ? LedgerReply.Frozen : LedgerReply.Ok;

    private static string More(ClaimRequest request) => request is { LastAttempt: 0, TakeAlong: false, Uncounted: false }
        ? ""
        : $"{request.LastAttempt}{(request.TakeAlong ? "t" : "")}{(request.Uncounted ? "u" : "")}";

    private static ClaimResult ReadClaim(RedisValue answer)
    {
        if (answer.TryParse(out int attempt))
        {
            return new ClaimResult(ClaimOutcome.Granted, attempt, TimeSpan.Zero);
        }

        string[] words = answer.ToString().Split(' ');
        ClaimOutcome outcome = words[0] switch
        {
            "rehearsed" => ClaimOutcome.Rehearsed,
            "settled" => ClaimOutcome.Settled,
            "nottarget" => ClaimOutcome.NotTarget,
            "notyet" => ClaimOutcome.NotYet,
            "newer" => ClaimOutcome.NewerSession,
            "quota" => ClaimOutcome.QuotaExhausted,
            "exhausted" => ClaimOutcome.Exhausted,
            _ => throw new InvalidOperationException($"claim answered {answer}"),
        };
        return new ClaimResult(outcome, 0, words.Length > 1 ? TimeSpan.FromMilliseconds(long.Parse(words[1], CultureInfo.InvariantCulture)) : TimeSpan.Zero);
    }

    private static VehicleStanding ReadStanding(RedisValue letter) => letter.ToString() switch
    {
        "" => VehicleStanding.NotTarget,
        "p" or "s" => VehicleStanding.Open,
        "pa" or "sa" => VehicleStanding.CatchUp,
        "r" => VehicleStanding.Received,
        "c" => VehicleStanding.ToForget,
        _ => VehicleStanding.Final,
    };

    private static string Word(AckStatus status) => status switch
    {
        AckStatus.Received => "received",
        AckStatus.Installed => "installed",
        AckStatus.Rejected => "rejected",
        AckStatus.Failed => "failed",
        AckStatus.Cancelled => "cancelled",
        _ => throw new ArgumentOutOfRangeException(nameof(status), status, null),
    };
}
