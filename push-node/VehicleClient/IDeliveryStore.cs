namespace PushPlatform.VehicleClient;

/// <summary>What a car remembers of one delivery.</summary>
/// <param name="Delivery">Its id.</param>
/// <param name="Status">The latest status.</param>
/// <param name="Code">Why, for programs.</param>
/// <param name="Detail">Why, for people.</param>
/// <param name="Confirmed">Whether the node is certain to have the ack of that status.</param>
/// <param name="Retry">The round of retries in which it said so; 0: none.</param>
public sealed record DeliveryRecord(string Delivery, DeliveryStatus Status, string? Code = null, string? Detail = null, bool Confirmed = false, int Retry = 0);

/// <summary>Where a car keeps what it knows, so that a restart neither shows a notice twice nor loses an ack. Used by one connection, one call at a time.</summary>
public interface IDeliveryStore
{
    /// <summary>Everything that is known, the oldest first. A delivery that occurs more than once counts with its last record.</summary>
    ValueTask<IReadOnlyList<DeliveryRecord>> LoadAsync(CancellationToken cancellationToken);

    /// <summary>Adds a record, or replaces that of the same delivery. When it returns, the record survives a crash.</summary>
    ValueTask AppendAsync(DeliveryRecord record, CancellationToken cancellationToken);

    /// <summary>Replaces everything. A crash leaves either the old or the new state. Called so often that at most as many records are appended in between as are known at most.</summary>
    ValueTask ReplaceAsync(IReadOnlyList<DeliveryRecord> records, CancellationToken cancellationToken);
}

/// <summary>Remembers as long as the object lives: for tests, simulators and cars that would rather see a notice twice than write.</summary>
public sealed class InMemoryDeliveryStore : IDeliveryStore
{
    private readonly Lock _gate = new();
    private List<DeliveryRecord> _records = [];

    public ValueTask<IReadOnlyList<DeliveryRecord>> LoadAsync(CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            return ValueTask.FromResult<IReadOnlyList<DeliveryRecord>>([.. _records]);
        }
    }

    public ValueTask AppendAsync(DeliveryRecord record, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            _records.Add(record);
        }

        return ValueTask.CompletedTask;
    }

    public ValueTask ReplaceAsync(IReadOnlyList<DeliveryRecord> records, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            _records = [.. records];
        }

        return ValueTask.CompletedTask;
    }
}
