using System.Threading.Channels;
using PushPlatform.Delivery;
using PushPlatform.Delivery.Ledger;
using PushPlatform.Delivery.Membership;
using PushPlatform.Delivery.Orders;
using PushPlatform.Delivery.Registry;

namespace PushPlatform.Tests.Unit.PushNode.Orders;

/// <summary>A Redis that does not answer until told, and then knows how to settle, to be beaten at, to register vehicles and to let them go.</summary>
internal sealed class AwayStore : IOrderBook, IVehicleRegistry, INodeMembership, IDrainList, IDeliveryLedger
{
    private readonly TaskCompletionSource _settleAsked = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _arriveAsked = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Channel<string> _arrived = Channel.CreateUnbounded<string>();
    private readonly Channel<VehicleSession> _left = Channel.CreateUnbounded<VehicleSession>();
    private int _settled;

    public bool Answers { get; set; }

    /// <summary>Whether whoever asks is told to drain.</summary>
    public bool Drain { get; set; }

    /// <summary>What the registry holds.</summary>
    public Dictionary<string, KnownVehicle> Known { get; } = [];

    /// <summary>Completes when vehicles were to be registered for the first time, well or not.</summary>
    public Task ArriveAsked => _arriveAsked.Task;

    /// <summary>Those that were registered, one after the other.</summary>
    public ChannelReader<string> Arrived => _arrived.Reader;

    /// <summary>Sessions that ended, one after the other.</summary>
    public ChannelReader<VehicleSession> Left => _left.Reader;

    /// <summary>Completes when acks were to be recorded for the first time, well or not.</summary>
    public Task SettleAsked => _settleAsked.Task;

    /// <summary>Acks recorded.</summary>
    public int Settled => Volatile.Read(ref _settled);

    public Task<LedgerReply> SettleAsync(
        CampaignKey campaign, string ledgerId, int shard, SettleRules rules, IReadOnlyList<Settlement> batch, CancellationToken cancellationToken)
    {
        _settleAsked.TrySetResult();
        if (!Answers)
        {
            return Away<LedgerReply>();
        }

        Interlocked.Add(ref _settled, batch.Count);
        return Task.FromResult(LedgerReply.Ok);
    }

    public Task<BeatReply> BeatAsync(PoolName pool, NodeBeat beat, CancellationToken cancellationToken) =>
        Answers ? Task.FromResult(new BeatReply(beat.OrderSeq, null, 1) { ToldToDrain = Drain }) : Away<BeatReply>();

    Task<IReadOnlyDictionary<string, TimeSpan>> IDrainList.ReadAsync(PoolName pool, CancellationToken cancellationToken) => Away<IReadOnlyDictionary<string, TimeSpan>>();

    public Task<bool> ContainsAsync(PoolName pool, string pod, CancellationToken cancellationToken) => Answers ? Task.FromResult(Drain) : Away<bool>();

    public Task<bool> SetAsync(PoolName pool, IReadOnlyCollection<string> pods, CancellationToken cancellationToken) => Away<bool>();

    public Task<OrderBookPage> ReadAsync(PoolName pool, CancellationToken cancellationToken) => Away<OrderBookPage>();

    public Task<PutReply> PutAsync(PoolName pool, Order order, long plannedFrom, CancellationToken cancellationToken) => Away<PutReply>();

    public Task<PutReply> RemoveAsync(PoolName pool, string campaignId, Tombstone? tombstone, CancellationToken cancellationToken) => Away<PutReply>();

    public Task ReopenAsync(PoolName pool, Tombstone end, int round, CancellationToken cancellationToken) => Away<bool>();

    public Task<Tombstone?> FindTombstoneAsync(PoolName pool, string campaignId, int revision, CancellationToken cancellationToken) => Away<Tombstone?>();

    public Task<Tombstone?> FindLatestTombstoneAsync(PoolName pool, string campaignId, CancellationToken cancellationToken) => Away<Tombstone?>();

    public Task ReportPreviewAsync(PoolName pool, PreviewShard result, CancellationToken cancellationToken) => Away<bool>();

    public Task<IReadOnlyList<PreviewShard>> ReadPreviewAsync(PoolName pool, string campaignId, CancellationToken cancellationToken) => Away<IReadOnlyList<PreviewShard>>();

    public Task<IReadOnlyList<Arrived>> ArriveAsync(PoolName pool, int shard, string node, IReadOnlyList<Arrival> batch, CancellationToken cancellationToken)
    {
        _arriveAsked.TrySetResult();
        if (!Answers)
        {
            return Away<IReadOnlyList<Arrived>>();
        }

        foreach (Arrival arrival in batch)
        {
            _arrived.Writer.TryWrite(arrival.Vid);
        }

        return Task.FromResult<IReadOnlyList<Arrived>>([.. batch.Select(arrival => new Arrived(arrival.Vid, 7, 1, new Dictionary<string, string>(), null, null))]);
    }

    public Task LeaveAsync(PoolName pool, int shard, IReadOnlyList<VehicleSession> batch, CancellationToken cancellationToken)
    {
        if (!Answers)
        {
            return Away<bool>();
        }

        foreach (VehicleSession left in batch)
        {
            _left.Writer.TryWrite(left);
        }

        return Task.CompletedTask;
    }

    public Task<IReadOnlyList<TimeSpan>> ToldAsync(PoolName pool, int shard, Telling telling, IReadOnlyList<string> vids, CancellationToken cancellationToken) => Away<IReadOnlyList<TimeSpan>>();

    public Task UpdateAsync(PoolName pool, int shard, IReadOnlyList<VehicleUpdate> batch, CancellationToken cancellationToken) => Away<bool>();

    public Task<IReadOnlyList<Superseded>> ConfirmAsync(PoolName pool, int shard, string node, IReadOnlyList<VehicleSession> batch, CancellationToken cancellationToken) =>
        Away<IReadOnlyList<Superseded>>();

    public IAsyncEnumerable<IReadOnlyList<KnownVehicle>> WalkAsync(PoolName pool, int shard, TimeSpan keepFor, CancellationToken cancellationToken) =>
        throw new StoreUnavailableException("Away.");

    public Task<IReadOnlyList<KnownVehicle>> FindDevicesAsync(PoolName pool, int shard, IReadOnlyList<string> vids, CancellationToken cancellationToken) => Away<IReadOnlyList<KnownVehicle>>();

    public Task<IReadOnlyList<KnownVehicle?>> FindAsync(PoolName pool, int shard, IReadOnlyList<string> vids, CancellationToken cancellationToken) =>
        Answers ? Task.FromResult<IReadOnlyList<KnownVehicle?>>([.. vids.Select(Known.GetValueOrDefault)]) : Away<IReadOnlyList<KnownVehicle?>>();

    public Task<IReadOnlyList<NodeBeat>> LiveNodesAsync(PoolName pool, CancellationToken cancellationToken) => Away<IReadOnlyList<NodeBeat>>();

    public Task LeaveAsync(PoolName pool, string node, CancellationToken cancellationToken) => Away<bool>();

    public Task OperatorBeatAsync(PoolName pool, CancellationToken cancellationToken) => Away<bool>();

    public Task<Lease> LeaseCancelsAsync(CampaignKey campaign, string ledgerId, int wanted, CancellationToken cancellationToken) => Away<Lease>();

    public Task<Lease> LeaseAsync(CampaignKey campaign, string ledgerId, LeaseRequest wanted, CancellationToken cancellationToken) => Away<Lease>();

    public Task<ClaimReply> ClaimAsync(
        CampaignKey campaign, string ledgerId, int shard, ClaimRules rules, IReadOnlyList<ClaimRequest> batch, CancellationToken cancellationToken) => Away<ClaimReply>();

    public Task<LookReply> LookAsync(CampaignKey campaign, string ledgerId, int shard, IReadOnlyList<string> vids, CancellationToken cancellationToken) => Away<LookReply>();

    public Task<LedgerReply> TargetAsync(CampaignKey campaign, string ledgerId, int shard, IReadOnlyList<Target> batch, CancellationToken cancellationToken) => Away<LedgerReply>();

    public Task<LedgerReply> MarkFrozenAsync(CampaignKey campaign, string ledgerId, int shard, CancellationToken cancellationToken) => Away<LedgerReply>();

    public Task<IReadOnlyList<bool>> FrozenAsync(CampaignKey campaign, string ledgerId, CancellationToken cancellationToken) => Away<IReadOnlyList<bool>>();

    private static Task<T> Away<T>() => Task.FromException<T>(new StoreUnavailableException("Away."));
}
