namespace PushPlatform.Delivery.Ledger;

/// <summary>What became of each vehicle, for people who ask. Changes nothing, and is bounded by what it answers: never on a hot path.</summary>
/// <remarks>A vehicle is a unit here (<see cref="UnitId"/>). All throw <see cref="StoreUnavailableException"/>.</remarks>
public interface ILedgerInquiry
{
    /// <summary>
    /// Every record of the ledger, shard by shard and bucket by bucket: no more than a bucket and a shard's failures are in memory at a time. While the campaign
    /// runs each record is as it was when its bucket was read.
    /// </summary>
    IAsyncEnumerable<DeliveryFate> ScanAsync(CampaignKey campaign, CancellationToken cancellationToken);

    /// <summary>The records of a vid: one, or in a pool of devices one each. Empty where it is no target, or where there is no ledger.</summary>
    Task<IReadOnlyList<DeliveryFate>> FindAsync(CampaignKey campaign, string vid, CancellationToken cancellationToken);

    /// <summary>The last failures that are kept, about a thousand a shard, in no order.</summary>
    Task<IReadOnlyList<FailureNote>> FailuresAsync(CampaignKey campaign, CancellationToken cancellationToken);
}

/// <param name="Unit">The vehicle, or the device of one.</param>
/// <param name="Attempts">Sends granted so far.</param>
/// <param name="Away">It was not connected when the campaign started.</param>
/// <param name="Installed">It has said <c>installed</c>.</param>
/// <param name="FailedLater">It was delivered, and has said <c>failed</c> afterwards.</param>
/// <param name="Failure">What it failed or rejected with; null where nothing is kept of it.</param>
public sealed record DeliveryFate(string Unit, DeliveryState State, int Attempts, bool Away, bool Installed, bool FailedLater, FailureNote? Failure)
{
    /// <summary>It has forgotten what was cancelled; false: it is to, and has not answered; null: nobody asked that of it, or it said something else.</summary>
    public bool? Cancelled { get; init; }
}

/// <param name="Unit">The vehicle, or the device of one.</param>
/// <param name="Outcome"><c>failed</c>, <c>rejected</c>, <c>failedLater</c> or <c>unreadable</c>.</param>
/// <param name="Code">The vehicle's own code, or <c>NoAck</c> or <c>NotInstalled</c>; empty where none was given.</param>
/// <param name="At">Redis time.</param>
public sealed record FailureNote(string Unit, string Outcome, string Code, DateTimeOffset At);
