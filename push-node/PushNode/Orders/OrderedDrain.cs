using Microsoft.Extensions.Logging;
using PushPlatform.Delivery.Membership;
using PushPlatform.PushNode.Connections;
using PushPlatform.PushNode.Handshake;
using PushPlatform.PushNode.Lifecycle;

namespace PushPlatform.PushNode.Orders;

/// <summary>A node that is told to drain sends its vehicles away, slowly, and is not ready once the last has gone. Told otherwise, it keeps those that are left and takes others.</summary>
/// <remarks>Ready until then: a pod that is not goes first when pods are deleted, and its vehicles with it.</remarks>
internal sealed class OrderedDrain(
    NodeIdentity node, IDrainList list, VehicleIndex index, Admission admission, Farewells farewells, StoreContact contact, TimeProvider clock, ILogger<OrderedDrain> log)
    : IHealthSource, IDisposable
{
    private static readonly TimeSpan Idle = TimeSpan.FromSeconds(5);

    private readonly Wakeup _hinted = new();
    private readonly Wakeup _told = new();

    /// <inheritdoc/>
    public IEnumerable<HealthFault> Faults => admission.ToldToDrain
        ? [new HealthFault("drain", "The operator has told the node to send its vehicles away", Blocks: index.Count == 0)]
        : [];

    /// <summary>What a beat brought back: the truth, every second.</summary>
    public void Hear(bool told)
    {
        if (admission.ToldToDrain == told)
        {
            return;
        }

        admission.ToldToDrain = told;
        if (told)
        {
            Log.ToldToDrain(log, index.Count, node.Drain);
        }
        else
        {
            Log.DrainLifted(log, index.Count);
        }

        _told.Set();
    }

    /// <summary>The bus says that the list changed.</summary>
    public void LookSoon() => _hinted.Set();

    /// <summary>Looks whenever there was a hint.</summary>
    public async Task LookAsync(CancellationToken stop)
    {
        while (true)
        {
            if (await _hinted.WaitAsync(Idle, stop))
            {
                // Unanswered, the next beat asks the same.
                await contact.TryAsync(async () => Hear(await list.ContainsAsync(node.Pool, node.Pod, stop)));
            }
        }
    }

    /// <summary>Sends away whenever the node is told to.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        while (true)
        {
            await _told.WaitAsync(Idle, stop);
            if (admission.ToldToDrain)
            {
                await SendAwayAsync(stop);
            }
        }
    }

    public void Dispose()
    {
        _hinted.Dispose();
        _told.Dispose();
    }

    private async Task SendAwayAsync(CancellationToken stop)
    {
        await farewells.SayAsync(() => admission.ToldToDrain, stop);
        while (admission.ToldToDrain && index.Count > 0)
        {
            // Those that said hello in the moment in which the slices were cut are told by their connection; here the last ones only finish.
            await Task.Delay(Farewells.SliceLength, clock, stop);
        }
    }
}
