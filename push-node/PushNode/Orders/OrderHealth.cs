using PushPlatform.Delivery.Bus;
using PushPlatform.PushNode.Lifecycle;

namespace PushPlatform.PushNode.Orders;

/// <summary>What keeps this node from carrying out orders.</summary>
internal sealed class OrderHealth(
    OrderLoops loops, OrderQueues queues, OrderBoard board, Campaigns campaigns, Beats beats, IOrderBus bus, StoreContact contact) : IHealthSource
{
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
                yield return new HealthFault("redis", $"Nothing is sent: {contact.Reason}", ContactRules.ShouldSendAway(beats.Silence));
            }

            if (bus.Fault is { } silence)
            {
                yield return new HealthFault("rabbitmq", $"Changes are noticed a second later: {silence}", Blocks: false);
            }

            foreach (string damage in contact.Damages)
            {
                yield return new HealthFault("redis", damage, Blocks: false);
            }

            foreach (string fault in loops.Faults.Concat(queues.Faults).Concat(board.Current.Faults).Concat(campaigns.Faults))
            {
                yield return new HealthFault("orders", fault, Blocks: false);
            }
        }
    }
}
