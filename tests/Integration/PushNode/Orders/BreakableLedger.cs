using PushPlatform.Delivery;
using PushPlatform.Delivery.Ledger;

namespace PushPlatform.Tests.Integration.PushNode.Orders;

/// <summary>The real ledger behind a link that breaks where a test wants it to: after Redis has done its part and before the node hears of it.</summary>
internal sealed class BreakableLedger(IDeliveryLedger real) : IDeliveryLedger
{
    private int _claimAnswersToLose;
    private int _settlements;

    /// <summary>While true, nothing that is settled reaches Redis.</summary>
    public bool SettlesNothing { get; set; }

    /// <summary>Takes the place of the order's time for <c>installed</c>.</summary>
    public int? InstallTimeoutSeconds { get; set; }

    /// <summary>Shards are marked as frozen when this is done.</summary>
    public Task MayFreeze { get; set; } = Task.CompletedTask;

    /// <summary>How long the answer to a lease request is under way.</summary>
    public TimeSpan LeaseDelay { get; set; }

    /// <summary>Passed by every call that puts targets in, before Redis is asked.</summary>
    public Func<int, Task> BeforeTarget { get; set; } = _ => Task.CompletedTask;

    /// <summary>Told of every answer to such a call.</summary>
    public Action<LedgerReply> AfterTarget { get; set; } = _ => { };

    /// <summary>Acks that Redis was asked to record.</summary>
    public int Settlements => Volatile.Read(ref _settlements);

    public int ClaimAnswersLost { get; private set; }

    public void LoseClaimAnswers(int number) => Interlocked.Exchange(ref _claimAnswersToLose, number);

    public Task<Lease> LeaseCancelsAsync(CampaignKey campaign, string ledgerId, int wanted, CancellationToken cancellationToken) =>
        real.LeaseCancelsAsync(campaign, ledgerId, wanted, cancellationToken);

    public async Task<Lease> LeaseAsync(CampaignKey campaign, string ledgerId, LeaseRequest wanted, CancellationToken cancellationToken)
    {
        Lease lease = await real.LeaseAsync(campaign, ledgerId, wanted, cancellationToken);
        await Task.Delay(LeaseDelay, cancellationToken);
        return lease;
    }

    public async Task<ClaimReply> ClaimAsync(
        CampaignKey campaign, string ledgerId, int shard, ClaimRules rules, IReadOnlyList<ClaimRequest> batch, CancellationToken cancellationToken)
    {
        ClaimReply reply = await real.ClaimAsync(campaign, ledgerId, shard, rules, batch, cancellationToken);
        if (Interlocked.Decrement(ref _claimAnswersToLose) >= 0)
        {
            ClaimAnswersLost++;
            throw new StoreUnavailableException("The answer was lost.");
        }

        return reply;
    }

    public Task<LookReply> LookAsync(CampaignKey campaign, string ledgerId, int shard, IReadOnlyList<string> vids, CancellationToken cancellationToken) =>
        real.LookAsync(campaign, ledgerId, shard, vids, cancellationToken);

    public Task<LedgerReply> SettleAsync(
        CampaignKey campaign, string ledgerId, int shard, SettleRules rules, IReadOnlyList<Settlement> batch, CancellationToken cancellationToken)
    {
        Interlocked.Add(ref _settlements, batch.Count);
        return SettlesNothing
            ? throw new StoreUnavailableException("Cut off.")
            : real.SettleAsync(
                campaign, ledgerId, shard, rules with { InstallTimeoutSeconds = InstallTimeoutSeconds ?? rules.InstallTimeoutSeconds }, batch, cancellationToken);
    }

    public async Task<LedgerReply> TargetAsync(CampaignKey campaign, string ledgerId, int shard, IReadOnlyList<Target> batch, CancellationToken cancellationToken)
    {
        await BeforeTarget(shard);
        LedgerReply reply = await real.TargetAsync(campaign, ledgerId, shard, batch, cancellationToken);
        AfterTarget(reply);
        return reply;
    }

    public async Task<LedgerReply> MarkFrozenAsync(CampaignKey campaign, string ledgerId, int shard, CancellationToken cancellationToken)
    {
        await MayFreeze.WaitAsync(cancellationToken);
        return await real.MarkFrozenAsync(campaign, ledgerId, shard, cancellationToken);
    }

    public Task<IReadOnlyList<bool>> FrozenAsync(CampaignKey campaign, string ledgerId, CancellationToken cancellationToken) =>
        real.FrozenAsync(campaign, ledgerId, cancellationToken);
}
