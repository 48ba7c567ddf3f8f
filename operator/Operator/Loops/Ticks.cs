using PushPlatform.Delivery;
using PushPlatform.Delivery.Bus;
using PushPlatform.Delivery.Membership;
using PushPlatform.Delivery.Orders;
using PushPlatform.Kubernetes.Informers;
using PushPlatform.Kubernetes.LeaderElection;
using PushPlatform.Operator.Api;
using PushPlatform.Operator.Campaigns;

namespace PushPlatform.Operator.Loops;

/// <summary>Tells the nodes of each pool, over the bus and in Redis, that the operator lives: a node that sees only the latter rebuilds its bus.</summary>
internal sealed class Ticks(
    IEntityStore<PushPool> pools,
    IOrderBook book,
    INodeMembership membership,
    BusWatch bus,
    ILeadership leadership,
    TimeProvider time,
    ILogger<Ticks> log) : LeaderLoop(pools, leadership, time, Period, log)
{
    internal static readonly TimeSpan Period = TimeSpan.FromSeconds(5);

    protected override async Task TurnAsync(PoolName pool, CancellationToken cancellationToken)
    {
        OrderBookPage page = await book.ReadAsync(pool, cancellationToken);
        await bus.PublishAsync(pool, new TickMessage(page.Seq), cancellationToken);
        if (bus.Fault is null)
        {
            // Only with a tick that the broker took: else every node would rebuild a connection that is not at fault.
            await membership.OperatorBeatAsync(pool, cancellationToken);
        }
    }
}
