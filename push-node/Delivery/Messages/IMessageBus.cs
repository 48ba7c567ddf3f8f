using PushPlatform.Delivery.Bus;

namespace PushPlatform.Delivery.Messages;

/// <summary>Takes direct messages from services to the nodes, and from vehicles to services. Each at most once: nothing here is kept or repeated.</summary>
public interface IMessageBus : IAsyncDisposable
{
    /// <summary>
    /// What services send to vehicles of the pool, for ever: reconnects by itself with backoff. What is sent while this node is not subscribed does not reach it.
    /// A message that cannot be read is counted by reason and dropped, unless somebody waits to hear of it.
    /// </summary>
    IAsyncEnumerable<ArrivedMessage> SubscribeAsync(PoolName pool, CancellationToken cancellationToken);

    /// <summary>
    /// Hands vehicles' messages to the services that listen. Returns when the broker has confirmed all: in the order of the batch, whether any service's queue took it.
    /// Throws <see cref="BusUnavailableException"/>; any of the batch may have arrived all the same.
    /// </summary>
    /// <param name="batch">At most 64.</param>
    Task<IReadOnlyList<bool>> PublishAsync(PoolName pool, IReadOnlyList<UplinkMessage> batch, CancellationToken cancellationToken);

    /// <summary>Answers a service that asked for the outcome; nothing happens where its queue is gone. Throws <see cref="BusUnavailableException"/>.</summary>
    Task ReplyAsync(ReplyAddress to, IReadOnlyList<MessageReply> parts, CancellationToken cancellationToken);

    /// <summary>Null while well; otherwise what is wrong, in words for health.</summary>
    string? Fault { get; }
}

/// <summary>What came from a service: a message, or with <see cref="Fault"/> one that could not be read and whose sender wants to know.</summary>
/// <param name="Message">Null with a fault.</param>
/// <param name="Fault">A word for the sender: see PROTOCOL.md §7.</param>
/// <param name="ExpiresAt">From then on it is not sent any more.</param>
/// <param name="ReplyTo">Null: nobody asks for the outcome.</param>
public sealed record ArrivedMessage(DirectMessage? Message, string? Fault, DateTimeOffset ExpiresAt, ReplyAddress? ReplyTo);

/// <summary>Where a service waits for outcomes.</summary>
/// <param name="Queue">The message's <c>reply-to</c>.</param>
/// <param name="CorrelationId">Given back as it came.</param>
public sealed record ReplyAddress(string Queue, string? CorrelationId);

/// <summary>What a vehicle says to services. Who says it is what its token proved, whatever the payload claims.</summary>
/// <param name="Device">Only in a pool that keeps devices apart.</param>
/// <param name="Role">Null: it connected in none.</param>
/// <param name="Node">That received it.</param>
/// <param name="Payload">A JSON value, as the vehicle wrote it.</param>
public sealed record UplinkMessage(
    string Id, string Vid, string? Device, string? Role, string Node, DateTimeOffset ReceivedAt, ReadOnlyMemory<byte> Payload);
