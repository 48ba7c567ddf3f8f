using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using PushPlatform.Delivery.Bus;
using PushPlatform.Delivery.Membership;
using PushPlatform.PushNode.Lifecycle;

namespace PushPlatform.PushNode.Orders;

/// <summary>The owner of everything that carries out orders: starts the loops, says how they are, stops and awaits them.</summary>
internal sealed class OrderExecution(
    NodeIdentity node, INodeMembership membership, IOrderBus bus, OrderBoard board, OrderFollower follower, Campaigns campaigns, Arrivals arrivals, AckRecorder acks, RegistryWriter writer,
    Rounds rounds, Beats beats, Evacuation evacuation, Walker walker, Kicks kicks, OrderMetrics metrics, StoreContact contact, TimeProvider clock,
    ILogger<OrderExecution> log) : IHostedService, IHealthSource, IAsyncDisposable
{
    /// <summary>For what is in hand when the node stops. What is not written by then is found out anew by the next node.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private volatile OwnedLoop[] _loops = [];

    /// <inheritdoc/>
    public IEnumerable<HealthFault> Faults
    {
        get
        {
            if (!campaigns.Known.IsCompleted)
            {
                yield return new HealthFault("orders", "The orders have not been read yet", Blocks: true);
            }

            if (beats.CutOff)
            {
                // At first the vehicles that knock are better off here than nowhere; then, as those that leave, on other nodes.
                yield return new HealthFault("redis", "Redis does not answer: nothing is sent", ContactRules.ShouldSendAway(beats.Silence));
            }

            if (bus.Fault is { } silence)
            {
                yield return new HealthFault("bus", silence, Blocks: false);
            }

            foreach (string fault in LoopFaults().Concat(board.Current.Faults).Concat(campaigns.Faults))
            {
                yield return new HealthFault("orders", fault, Blocks: false);
            }
        }
    }

    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellationToken)
    {
        metrics.Watch("arrivals", () => arrivals.Waiting);
        metrics.Watch("acks", () => acks.Waiting);
        metrics.Watch("reports", () => writer.Waiting);
        _loops =
        [
            Start("campaigns", campaigns.RunAsync),
            Start("order reading", follower.ReadAsync),
            Start("bus", follower.FollowBusAsync),
            Start("beats", beats.RunAsync),
            Start("rounds", rounds.RunAsync),
            Start("walks", walker.RunAsync),
            Start("evacuation", evacuation.RunAsync),
        ];
        return Task.CompletedTask;
    }

    /// <summary>Settles what is in hand, then goes. The connections have been closed before.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await acks.FinishAsync(Patience);
        await writer.FinishAsync(Patience);
        await StopLoopsAsync();
        // Last: as long as the node seems to live, its shards are its own to walk and its vehicles are held.
        await contact.TryAsync(() => membership.LeaveAsync(node.Pool, node.Name, cancellationToken));
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync() => await StopLoopsAsync();

    private IEnumerable<string> LoopFaults() => _loops
        .Select(loop => loop.Fault)
        .Append(kicks.Fault)
        .OfType<string>()
        .Concat(arrivals.Faults)
        .Concat(acks.Faults)
        .Concat(writer.Faults);

    private OwnedLoop Start(string name, Func<CancellationToken, Task> body) => OwnedLoop.Start(name, body, clock, log);

    private async Task StopLoopsAsync()
    {
        OwnedLoop[] loops = Interlocked.Exchange(ref _loops!, []);
        foreach (OwnedLoop loop in loops)
        {
            loop.RequestStop();
        }

        foreach (OwnedLoop loop in loops)
        {
            await loop.DisposeAsync();
        }
    }
}
