using PushPlatform.Delivery;
using PushPlatform.Delivery.Bus;

namespace PushPlatform.Operator.Campaigns;

/// <summary>Publishes, and remembers whether the bus is well. A bus that fails delays; it never blocks and never throws (G6).</summary>
internal sealed class BusWatch(IOrderBus bus, TimeProvider time)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    private volatile string? _fault;

    /// <summary>What is wrong, null while it is well.</summary>
    public string? Fault => _fault ?? bus.Fault;

    public async Task PublishAsync(PoolName pool, BusMessage message, CancellationToken cancellationToken)
    {
        using var patience = new CancellationTokenSource(Patience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, patience.Token);
        try
        {
            await bus.PublishAsync(pool, message, either.Token);
            _fault = null;
        }
        catch (BusUnavailableException fault)
        {
            _fault = fault.Message;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            _fault = $"RabbitMQ did not confirm within {Patience.TotalSeconds:0} s";
        }
    }
}
