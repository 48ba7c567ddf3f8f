using Microsoft.Extensions.Hosting;
using PushPlatform.Delivery.Membership;

namespace PushPlatform.PushNode.Orders;

/// <summary>The owner of everything that carries out orders: starts it, and at the end finishes what is in hand, stops the loops and gives the node up.</summary>
internal sealed class OrderExecution(OrderLoops loops, OrderQueues queues, NodeIdentity node, INodeMembership membership, StoreContact contact)
    : IHostedService, IAsyncDisposable
{
    /// <summary>For what is in hand when the node stops. What is not written by then is found out anew by the next node.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellationToken)
    {
        queues.Watch();
        loops.Start();
        return Task.CompletedTask;
    }

    /// <summary>Settles what is in hand, then goes. The connections have been closed before.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await queues.FinishAsync(Patience);
        await loops.StopAsync();
        // Last: as long as the node seems to live, its shards are its own to walk and its vehicles are held.
        await contact.TryAsync(() => membership.LeaveAsync(node.Pool, node.Name, cancellationToken));
    }

    /// <summary>Here, for the container disposes of this before all that the loops use.</summary>
    public async ValueTask DisposeAsync() => await loops.StopAsync();
}
