using PushPlatform.Delivery;
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
            Dictionary<string, string>? outcomes = arrived.Message is { } message ? Deal(message, arrived.ExpiresAt) : null;
            if (arrived.ReplyTo is { } replyTo)
            {
                await ReplyAsync(replyTo, Replies.Of(node.Name, arrived.Message?.Id, arrived.Fault, outcomes), stop);
            }
        }
    }

    /// <summary>By unit: what became of it for each vehicle that this node holds.</summary>
    private Dictionary<string, string> Deal(DirectMessage message, DateTimeOffset expiresAt)
    {
        // The same bytes for all.
        WireFrame? frame = clock.GetUtcNow() < expiresAt ? NodeFrames.Message(message.Id, message.Payload) : null;
        Dictionary<string, string> outcomes = [];
        foreach (IVehicleLink link in Addressed(message.To))
        {
            // Before the frame is offered: one that is refused was refused because it did not fit.
            string outcome = frame is null ? MessageOutcomes.Expired
                : !link.IsOpen ? MessageOutcomes.Gone
                : link.TrySend(frame) ? MessageOutcomes.Sent
                : MessageOutcomes.Slow;
            if (outcomes.TryAdd(link.Unit, outcome))
            {
                metrics.ToVehicle(outcome);
            }
        }

        return outcomes;
    }

    private IEnumerable<IVehicleLink> Addressed(MessageTarget to)
    {
        if (to.Vids is null)
        {
            return to.Role is null ? index.Links : index.Links.Where(link => link.Role == to.Role);
        }

        HashSet<string> vids = [.. to.Vids];
        return node.Sessions == SessionMode.Single
            ? vids.Select(index.Find).OfType<IVehicleLink>()
            : index.Links.Where(link => vids.Contains(link.Vid) || vids.Contains(link.Unit));
    }

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
