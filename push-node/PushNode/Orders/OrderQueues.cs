namespace PushPlatform.PushNode.Orders;

/// <summary>What connections and the bus leave to be done: each queue empties itself; here they are watched, and finished when the node stops.</summary>
internal sealed class OrderQueues(Arrivals arrivals, AckRecorder acks, RegistryWriter writer, Kicks kicks, OrderMetrics metrics)
{
    public IEnumerable<string> Faults
    {
        get
        {
            IEnumerable<string> kicksFault = kicks.Fault is { } fault ? [fault] : [];
            return kicksFault.Concat(arrivals.Faults).Concat(acks.Faults).Concat(writer.Faults);
        }
    }

    public void Watch()
    {
        metrics.Watch("arrivals", () => arrivals.Waiting);
        metrics.Watch("acks", () => acks.Waiting);
        metrics.Watch("reports", () => writer.Waiting);
    }

    /// <summary>Records the acks in hand, then what the registry is to be told; gives up on either after <paramref name="patience"/>.</summary>
    public async Task FinishAsync(TimeSpan patience)
    {
        await acks.FinishAsync(patience);
        await writer.FinishAsync(patience);
    }
}
