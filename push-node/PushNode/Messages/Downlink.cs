using PushPlatform.Delivery.Bus;
using PushPlatform.Delivery.Messages;
using PushPlatform.PushNode.Connections;
using PushPlatform.PushNode.Orders;
using PushPlatform.PushNode.Protocol;

namespace PushPlatform.PushNode.Messages;

/// <summary>Hands services' messages to those vehicles that this node holds. The others are some other node's, or absent: nothing is kept for them.</summary>
internal sealed class Downlink(NodeIdentity node, IMessageBus bus, VehicleIndex index, MessageMetrics metrics, TimeProvider clock)
{
    /// <summary>
    /// Follows the bus until stopped, one message after the other. No vehicle is ever waited for; the broker is, when it takes a reply: a service that asks
    /// for outcomes is answered before the next message is looked at, so replies never pile up.
    /// </summary>
    public async Task RunAsync(CancellationToken stop)
    {
        await foreach (ArrivedMessage arrived in bus.SubscribeAsync(node.Pool, stop))
        {
            Dictionary<string, string>? outcomes = arrived.ReplyTo is null ? null : [];
            if (arrived.Message is { } message)
            {
                Deal(message, arrived.ExpiresAt, outcomes);
            }

            if (arrived.ReplyTo is { } replyTo)
            {
                await ReplyAsync(replyTo, Replies.Of(node.Name, arrived.Message?.Id, arrived.Fault, outcomes), stop);
            }
        }
    }

    /// <param name="outcomes">Gets what became of it for each vehicle that this node holds, by unit; null: nobody asks.</param>
    private void Deal(DirectMessage message, DateTimeOffset expiresAt, Dictionary<string, string>? outcomes)
    {
        // The same bytes for all.
        WireFrame? frame = clock.GetUtcNow() < expiresAt ? NodeFrames.Message(message.Id, message.Payload) : null;
        foreach (IVehicleLink link in Addressed(message.To))
        {
            // Before the frame is offered: one that is refused was refused because it did not fit.
            string outcome = frame is null ? MessageOutcomes.Expired
                : !link.IsOpen ? MessageOutcomes.Gone
                : link.TrySend(frame) ? MessageOutcomes.Sent
                : MessageOutcomes.Slow;
            metrics.ToVehicle(outcome);
            outcomes?[link.Unit] = outcome;
        }
    }

    /// <summary>Each link once, also where a vehicle and one of its devices are both named.</summary>
    private IEnumerable<IVehicleLink> Addressed(MessageTarget to) =>
        to.Vids is { } names ? names.SelectMany(index.FindAll).Distinct()
        : to.Role is { } role ? index.Links.Where(link => link.Role == role)
        : index.Links;

    private async Task ReplyAsync(ReplyAddress to, IReadOnlyList<MessageReply> replies, CancellationToken stop)
    {
        if (replies.Count == 0)
        {
            return;
        }

        try
        {
            await bus.ReplyAsync(to, replies, stop);
        }
        catch (BusUnavailableException)
        {
            metrics.RepliesLost(replies.Count);
        }
    }
}
