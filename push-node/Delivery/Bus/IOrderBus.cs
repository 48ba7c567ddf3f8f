using System.Text.Json.Serialization;
using PushPlatform.Delivery.Orders;

namespace PushPlatform.Delivery.Bus;

/// <summary>Tells every node of a pool, at once, that something changed. A hint: losing any message delays, and never loses anything (G6).</summary>
public interface IOrderBus : IAsyncDisposable
{
    /// <summary>Sends to every node that is subscribed now; returns when the broker has confirmed, or throws <see cref="BusUnavailableException"/>.</summary>
    Task PublishAsync(PoolName pool, BusMessage message, CancellationToken cancellationToken);

    /// <summary>
    /// What arrives at this node, for ever: reconnects by itself with backoff. Each (re)connection begins with <see cref="BusEvent.Connected"/>,
    /// after which everything sent while disconnected is to be taken as lost. A message that cannot be read is counted and dropped.
    /// </summary>
    IAsyncEnumerable<BusEvent> SubscribeAsync(PoolName pool, CancellationToken cancellationToken);

    /// <summary>Tears down the subscriptions' connections and builds them anew: for a bus that is silent although it should not be.</summary>
    void Rebuild(string reason);

    /// <summary>Null while well; otherwise what is wrong, in words for health and conditions.</summary>
    string? Fault { get; }
}

/// <summary>The broker did not take the message, or not in time.</summary>
public sealed class BusUnavailableException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>What a subscription yields.</summary>
public abstract record BusEvent
{
    private BusEvent()
    {
    }

    /// <summary>Subscribed, for the first time or again: read the truth now.</summary>
    public sealed record Connected : BusEvent;

    public sealed record Received(BusMessage Message) : BusEvent;
}

/// <summary>A message on a pool's fanout exchange, JSON with a <c>type</c>.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "type")]
[JsonDerivedType(typeof(OrderMessage), "order")]
[JsonDerivedType(typeof(KickMessage), "kick")]
[JsonDerivedType(typeof(TickMessage), "tick")]
[JsonDerivedType(typeof(DrainMessage), "drain")]
public abstract record BusMessage;

/// <summary>A changed order, whole. A node at <paramref name="Prev"/> applies it; any other reads the order book.</summary>
public sealed record OrderMessage(long Seq, long Prev, Order Order) : BusMessage;

/// <summary>A unit came back elsewhere: whoever holds exactly this session closes it as replaced.</summary>
public sealed record KickMessage(string Vid, long Session) : BusMessage;

/// <summary>The operator lives and the bus carries. Every 5 s.</summary>
public sealed record TickMessage(long Seq) : BusMessage;

/// <summary>The list of pods that are told to send their vehicles away has changed: look whether you stand in it.</summary>
public sealed record DrainMessage : BusMessage;
