namespace PushPlatform.VehicleClient;

/// <summary>
/// The deliveries that this car knows, and which of their acks the node still has to be told. Safe for concurrent use.
/// Acks are not queued: an ack that is owed is a mark on its delivery, so there are never more of them than known ids, and two for the same delivery become one with the latest status.
/// Full: the oldest delivery whose ack is confirmed is forgotten, or else the oldest. A copy of a forgotten one would be new to the car.
/// </summary>
internal sealed class KnownDeliveries(IDeliveryStore store, int capacity, TimeProvider time) : IDisposable
{
    private readonly Lock _gate = new();
    private readonly SemaphoreSlim _writing = new(1);
    private readonly OrderedDictionary<string, Entry> _entries = [];
    private int _appended;

    /// <summary>Reads the store; what it says of a delivery does not overrule what is known already.</summary>
    internal async ValueTask LoadAsync(CancellationToken cancellationToken)
    {
        IReadOnlyList<DeliveryRecord> records = await store.LoadAsync(cancellationToken).ConfigureAwait(false);
        lock (_gate)
        {
            foreach (DeliveryRecord record in records)
            {
                _entries[record.Delivery] = new Entry { Record = record };
            }

            MakeRoom(0);
            _appended = records.Count - _entries.Count;
        }
    }

    /// <summary>
    /// Whether the delivery is known; if so, its ack is owed again, because every copy is acked. One that did not go well and is tried again is not known: what
    /// was said of it is over.
    /// </summary>
    /// <param name="delivery">Its id.</param>
    /// <param name="retry">The round of retries that the copy names.</param>
    internal bool OweAgain(string delivery, int retry)
    {
        lock (_gate)
        {
            if (!_entries.TryGetValue(delivery, out Entry? entry))
            {
                return false;
            }

            if (retry > entry.Record.Retry && entry.Record.Status is (DeliveryStatus.Rejected or DeliveryStatus.Failed))
            {
                entry.Again = retry;
            }

            if (entry.Again is not null)
            {
                return false;
            }

            entry.AnswersCopy = true;
            return true;
        }
    }

    /// <summary>The latest status that is known of a delivery; null: it is not known.</summary>
    internal DeliveryStatus? StatusOf(string delivery) => Find(delivery)?.Status;

    /// <summary>Takes a status in, and returns when it is in the store. After a final status, <see cref="DeliveryStatus.Received"/> says nothing new.</summary>
    /// <param name="delivery">Its id.</param>
    /// <param name="report">What became of it.</param>
    /// <param name="retry">The round of retries that the copy named by which the application came to know it; 0 where none did.</param>
    /// <param name="cancellationToken">Ends the wait for the store.</param>
    /// <exception cref="IOException">Or another failure of the store; the status is known until the process ends all the same.</exception>
    internal async ValueTask RecordAsync(string delivery, DeliveryReport report, int retry, CancellationToken cancellationToken)
    {
        DeliveryRecord record = new(delivery, report.Status, report.Code, report.Detail, Retry: retry);
        lock (_gate)
        {
            if (_entries.TryGetValue(delivery, out Entry? known))
            {
                if (report.Status == DeliveryStatus.Received && known.Record.Status != DeliveryStatus.Received && known.Again is null)
                {
                    return;
                }

                known.Record = record with { Retry = Math.Max(retry, known.Again ?? known.Record.Retry) };
                known.Again = null;
                known.SentAt = null;
            }
            else
            {
                MakeRoom(1);
                _entries.Add(delivery, new Entry { Record = record });
            }
        }

        await StoreAsync([delivery], cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// The deliveries for a hello, those whose ack is not certain first and the newest first among equals. For the node a <c>seen</c> delivery is an ack "received":
    /// where that is the latest status, no other ack is owed. What was forgotten is left out: it may never have been here. Those that do not fit into <paramref name="maxBytes"/> of JSON are left out; their acks are frames of their own.
    /// </summary>
    internal List<string> TakeSeen(int max, int maxBytes)
    {
        List<string> seen = [];
        lock (_gate)
        {
            foreach (Entry entry in _entries.Values.Reverse().Where(entry => entry.Record.Status != DeliveryStatus.Cancelled).OrderBy(entry => entry.Record.Confirmed).Take(max))
            {
                maxBytes -= VehicleFrames.SizeInArray(entry.Record.Delivery);
                if (maxBytes < 0)
                {
                    break;
                }

                seen.Add(entry.Record.Delivery);
                if (entry.Record.Status == DeliveryStatus.Received)
                {
                    entry.SentAt = time.GetTimestamp();
                }
            }
        }

        return seen;
    }

    /// <summary>The next ack to send, or null; from now on it counts as sent.</summary>
    internal DeliveryRecord? TakeOwed()
    {
        lock (_gate)
        {
            foreach (Entry entry in _entries.Values)
            {
                if (entry.IsOwed)
                {
                    entry.SentAt = time.GetTimestamp();
                    entry.AnswersCopy = false;
                    return entry.Record;
                }
            }

            return null;
        }
    }

    /// <summary>
    /// Judges the acks that were sent on a connection that has ended. One that was sent longer ago than it takes to notice a dead link has arrived, for the link was alive after it;
    /// a later one is owed again. With <paramref name="allArrived"/> (the node answered our close frame) all have.
    /// </summary>
    internal async ValueTask ConnectionEndedAsync(TimeSpan deadLinkAfter, bool allArrived, CancellationToken cancellationToken)
    {
        List<string> confirmed = [];
        lock (_gate)
        {
            foreach (Entry entry in _entries.Values)
            {
                entry.AnswersCopy = false;
                if (entry.SentAt is not { } sentAt || entry.Record.Confirmed)
                {
                    continue;
                }

                entry.SentAt = null;
                if (allArrived || time.GetElapsedTime(sentAt) > deadLinkAfter)
                {
                    entry.Record = entry.Record with { Confirmed = true };
                    confirmed.Add(entry.Record.Delivery);
                }
            }
        }

        await StoreAsync(confirmed, cancellationToken).ConfigureAwait(false);
    }

    public void Dispose() => _writing.Dispose();

    /// <summary>Writes what is known of these deliveries now: of two concurrent changes to one delivery, the later must not be overwritten by the earlier.</summary>
    private async ValueTask StoreAsync(List<string> deliveries, CancellationToken cancellationToken)
    {
        if (deliveries.Count == 0)
        {
            return;
        }

        await _writing.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            foreach (string delivery in deliveries)
            {
                if (Find(delivery) is { } record)
                {
                    await store.AppendAsync(record, cancellationToken).ConfigureAwait(false);
                    _appended++;
                }
            }

            if (_appended >= capacity)
            {
                await store.ReplaceAsync(Snapshot(), cancellationToken).ConfigureAwait(false);
                _appended = 0;
            }
        }
        finally
        {
            _writing.Release();
        }
    }

    private DeliveryRecord? Find(string delivery)
    {
        lock (_gate)
        {
            return _entries.GetValueOrDefault(delivery)?.Record;
        }
    }

    private List<DeliveryRecord> Snapshot()
    {
        lock (_gate)
        {
            return [.. _entries.Values.Select(entry => entry.Record)];
        }
    }

    private void MakeRoom(int wanted)
    {
        while (_entries.Count + wanted > capacity)
        {
            int oldest = 0;
            for (int i = 0; i < _entries.Count; i++)
            {
                if (_entries.GetAt(i).Value.Record.Confirmed)
                {
                    oldest = i;
                    break;
                }
            }

            _entries.RemoveAt(oldest);
        }
    }

    private sealed class Entry
    {
        internal required DeliveryRecord Record { get; set; }

        /// <summary>When the ack of this record was sent on the current connection.</summary>
        internal long? SentAt { get; set; }

        /// <summary>Whether a copy came that waits for its ack.</summary>
        internal bool AnswersCopy { get; set; }

        /// <summary>The round of retries in which the application has it in hand once more.</summary>
        internal int? Again { get; set; }

        internal bool IsOwed => Again is null && (AnswersCopy || (SentAt is null && !Record.Confirmed));
    }
}
