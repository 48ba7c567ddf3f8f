using PushPlatform.Delivery;
using PushPlatform.Delivery.Bus;
using PushPlatform.Operator.Telemetry;

namespace PushPlatform.Operator.Campaigns;

/// <summary>Publishes, and remembers whether the bus is well. A bus that fails delays; it never blocks and never throws (G6).</summary>
internal sealed class BusWatch(IOrderBus bus, TimeProvider time, ILogger<BusWatch> log)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    private readonly DependencyWatch _silence = new("check that it runs, and that it is not out of memory or disk", time);
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
            _silence.Note(null);
            Note(null);
        }
        catch (BusUnavailableException fault)
        {
            Note(fault.Message);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            _silence.Note($"RabbitMQ did not confirm within {Patience.TotalSeconds:0} s");
            Note(bus.Fault ?? _silence.Fault);
        }
    }

    // Only what changes is said: it is tried again with each change and each tick.
    private void Note(string? fault)
    {
        string? before = Interlocked.Exchange(ref _fault, fault);
        if (fault is not null && before is null)
        {
            log.BusLost(fault);
        }
        else if (fault is null && before is not null)
        {
            log.BusBack();
        }
    }
}
