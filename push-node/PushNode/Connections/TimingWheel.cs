namespace PushPlatform.PushNode.Connections;

/// <summary>Something that wants to be looked at when a time has come. Links itself into a wheel's slot: no timer and no node of a list for each.</summary>
internal abstract class WheelEntry
{
    internal WheelEntry? Next { get; set; }

    internal WheelEntry? Previous { get; set; }

    /// <summary>The tick at which it is due; 0: on no slot.</summary>
    internal long DueTick { get; set; }

    internal int Shard { get; set; } = -1;

    internal bool Gone { get; set; }

    /// <summary>Called on the wheel's loop at the due time or earlier, never later than one tick after it. Returns at once.</summary>
    /// <returns>When to be called again; null: not until woken.</returns>
    protected internal abstract TimeSpan? OnDue();
}

/// <summary>A hashed timing wheel, in shards so that connections do not wait for each other's lock.</summary>
/// <remarks>Entries that are further away than one turn stay in their slot and are passed over. The loop that turns it is <see cref="WheelLoop"/>.</remarks>
internal sealed class TimingWheel(TimeProvider time)
{
    public static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(100);

    private const int Slots = 256;

    private readonly long _start = time.GetTimestamp();
    private readonly Shard[] _shards = [.. Enumerable.Range(0, Environment.ProcessorCount).Select(_ => new Shard())];
    private readonly List<WheelEntry> _due = [];
    private int _nextShard;

    /// <summary>Time since the wheel was made.</summary>
    public TimeSpan Now => time.GetElapsedTime(_start);

    /// <summary>Has the entry called no later than <paramref name="after"/> from now, and one tick. An earlier time that it has already stays.</summary>
    public void Wake(WheelEntry entry, TimeSpan after)
    {
        long due = TickOf(Now + after) + 1;
        if (entry.Shard < 0)
        {
            entry.Shard = (int)((uint)Interlocked.Increment(ref _nextShard) % (uint)_shards.Length);
        }

        Shard shard = _shards[entry.Shard];
        lock (shard.Gate)
        {
            if (entry.Gone || (entry.DueTick != 0 && entry.DueTick <= due))
            {
                return;
            }

            shard.Unlink(entry);
            shard.Link(entry, Math.Max(due, shard.LastTick + 1));
        }
    }

    /// <summary>Takes the entry off for good. A call that has begun goes on.</summary>
    public void Remove(WheelEntry entry)
    {
        if (entry.Shard < 0)
        {
            return;
        }

        Shard shard = _shards[entry.Shard];
        lock (shard.Gate)
        {
            entry.Gone = true;
            shard.Unlink(entry);
        }
    }

    /// <summary>Calls everything that is due. For one caller at a time.</summary>
    /// <param name="failed">Told of an entry that threw; it is not called again until woken.</param>
    public void Advance(Action<Exception> failed)
    {
        long now = TickOf(Now);
        foreach (Shard shard in _shards)
        {
            shard.TakeDue(now, _due);
            foreach (WheelEntry entry in _due)
            {
                try
                {
                    if (entry.OnDue() is { } after)
                    {
                        Wake(entry, after);
                    }
                }
                catch (Exception fault)
                {
                    failed(fault);
                }
            }

            _due.Clear();
        }
    }

    private static long TickOf(TimeSpan at) => at.Ticks / Tick.Ticks;

    private sealed class Shard
    {
        private readonly WheelEntry?[] _slots = new WheelEntry?[Slots];

        public Lock Gate { get; } = new();

        public long LastTick { get; private set; }

        public void Link(WheelEntry entry, long due)
        {
            ref WheelEntry? head = ref _slots[due % Slots];
            entry.DueTick = due;
            entry.Next = head;
            if (head is not null)
            {
                head.Previous = entry;
            }

            head = entry;
        }

        public void Unlink(WheelEntry entry)
        {
            if (entry.DueTick == 0)
            {
                return;
            }

            if (entry.Previous is { } previous)
            {
                previous.Next = entry.Next;
            }
            else
            {
                _slots[entry.DueTick % Slots] = entry.Next;
            }

            if (entry.Next is { } next)
            {
                next.Previous = entry.Previous;
            }

            entry.Next = entry.Previous = null;
            entry.DueTick = 0;
        }

        public void TakeDue(long now, List<WheelEntry> due)
        {
            lock (Gate)
            {
                // After a pause of more than a turn, one turn meets every slot.
                for (long tick = Math.Max(LastTick + 1, now - Slots + 1); tick <= now; tick++)
                {
                    for (WheelEntry? entry = _slots[tick % Slots]; entry is not null;)
                    {
                        WheelEntry? next = entry.Next;
                        if (entry.DueTick <= now)
                        {
                            Unlink(entry);
                            due.Add(entry);
                        }

                        entry = next;
                    }
                }

                LastTick = Math.Max(LastTick, now);
            }
        }
    }
}
