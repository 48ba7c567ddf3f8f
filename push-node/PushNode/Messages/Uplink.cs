using System.Threading.Channels;
using PushPlatform.Delivery;
using PushPlatform.Delivery.Bus;
using PushPlatform.Delivery.Messages;
using PushPlatform.PushNode.Connections;
using PushPlatform.PushNode.Orders;
using PushPlatform.PushNode.Protocol;

namespace PushPlatform.PushNode.Messages;

/// <summary>Takes what vehicles say to the services, and tells each vehicle what became of it. Nothing is repeated: a message counts once or not at all.</summary>
internal sealed class Uplink(NodeIdentity node, IMessageBus bus, MessageMetrics metrics, TimeProvider clock) : IVehicleMessages
{
    /// <summary>Messages of 4 KiB at most. Full (the broker is away or too slow): the vehicle is told at once that nobody can be reached.</summary>
    public const int Capacity = 1024;

    /// <summary>What the broker confirms together.</summary>
    private const int MaxBatch = 64;

    /// <summary>After a failure nobody is kept waiting for the next one.</summary>
    private static readonly TimeSpan PauseAfterFailure = TimeSpan.FromSeconds(1);

    private readonly Channel<Waiting> _waiting = Channel.CreateBounded<Waiting>(new BoundedChannelOptions(Capacity) { SingleReader = true });

    /// <inheritdoc/>
    void IVehicleMessages.Said(IVehicleLink link, MessageFrame message)
    {
        MessageAllowance allowance = (MessageAllowance)(link.Messages ??= new MessageAllowance(clock));
        if (!allowance.TryTake())
        {
            Answer(link, message.Id, MessageOutcomes.Throttled);
        }
        else if (!_waiting.Writer.TryWrite(new Waiting(link, message, clock.GetUtcNow())))
        {
            Answer(link, message.Id, MessageOutcomes.Unavailable);
        }
    }

    /// <summary>Publishes until stopped. What waits then is not published: the vehicles have been sent away before.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        List<Waiting> batch = [];
        long failedAt = 0;
        while (await _waiting.Reader.WaitToReadAsync(stop))
        {
            batch.Clear();
            while (batch.Count < MaxBatch && _waiting.Reader.TryRead(out Waiting? said))
            {
                batch.Add(said);
            }

            bool pausing = failedAt != 0 && clock.GetElapsedTime(failedAt) < PauseAfterFailure;
            IReadOnlyList<bool>? taken = pausing ? null : await TryPublishAsync(batch, stop);
            failedAt = pausing ? failedAt : taken is null ? clock.GetTimestamp() : 0;
            for (int i = 0; i < batch.Count; i++)
            {
                string outcome = taken is null ? MessageOutcomes.Unavailable : taken[i] ? MessageOutcomes.Accepted : MessageOutcomes.Unheard;
                Answer(batch[i].Link, batch[i].Message.Id, outcome);
            }
        }
    }

    /// <returns>Null: the broker cannot be reached, or not in time.</returns>
    private async Task<IReadOnlyList<bool>?> TryPublishAsync(List<Waiting> batch, CancellationToken stop)
    {
        try
        {
            return await bus.PublishAsync(node.Pool, [.. batch.Select(ToUplink)], stop);
        }
        catch (BusUnavailableException)
        {
            // The bus says why, in health.
            return null;
        }
    }

    private UplinkMessage ToUplink(Waiting said) => new(
        said.Message.Id, said.Link.Vid, UnitId.DeviceOf(said.Link.Unit), said.Link.Role, node.Name, said.At, said.Message.Payload);

    private void Answer(IVehicleLink link, string id, string outcome)
    {
        metrics.FromVehicle(outcome);
        link.TrySend(NodeFrames.Outcome(id, outcome));
    }

    private sealed record Waiting(IVehicleLink Link, MessageFrame Message, DateTimeOffset At);
}
