using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Threading.Channels;
using PushPlatform.Delivery;
using PushPlatform.Delivery.Bus;

namespace PushPlatform.Tests.Integration.Delivery;

/// <summary>The bus without a broker, for tests of what stands on it. Held to the same specification as the real one by <see cref="OrderBusSpec"/>.</summary>
public sealed class InMemoryOrderBus : IOrderBus
{
    private readonly ConcurrentDictionary<Channel<BusEvent>, PoolName> _subscribers = new();

    /// <summary>While true, nothing published arrives anywhere, and nobody is told: the worst a broker may do (G6).</summary>
    public bool LoseEverything { get; set; }

    /// <summary>While true, publishing fails.</summary>
    public bool Down { get; set; }

    public string? Fault => Down ? "The bus is down." : null;

    public Task PublishAsync(PoolName pool, BusMessage message, CancellationToken cancellationToken)
    {
        if (Down)
        {
            throw new BusUnavailableException("The bus is down.");
        }

        // Through JSON, as it would travel.
        string text = JsonSerializer.Serialize(message, DeliveryJson.Default.BusMessage);
        foreach ((Channel<BusEvent> subscriber, PoolName of) in LoseEverything ? [] : _subscribers.ToArray())
        {
            if (of == pool)
            {
                subscriber.Writer.TryWrite(new BusEvent.Received(JsonSerializer.Deserialize(text, DeliveryJson.Default.BusMessage)!));
            }
        }

        return Task.CompletedTask;
    }

    public async IAsyncEnumerable<BusEvent> SubscribeAsync(PoolName pool, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        Channel<BusEvent> mine = Channel.CreateUnbounded<BusEvent>();
        mine.Writer.TryWrite(new BusEvent.Connected());
        _subscribers[mine] = pool;
        try
        {
            await foreach (BusEvent happened in mine.Reader.ReadAllAsync(cancellationToken))
            {
                yield return happened;
            }
        }
        finally
        {
            _subscribers.TryRemove(mine, out _);
        }
    }

    public void Rebuild(string reason)
    {
        foreach (Channel<BusEvent> subscriber in _subscribers.Keys)
        {
            subscriber.Writer.TryWrite(new BusEvent.Connected());
        }
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
