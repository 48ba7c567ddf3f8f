using PushPlatform.Kubernetes.Models;

namespace PushPlatform.Kubernetes.Events;

/// <summary>What makes two events the same one.</summary>
internal sealed record EventIdentity(string Uid, string Reason, string Message, EventType Type, string Action);

/// <summary>One thing that happened to one object, as it was published.</summary>
internal sealed record Occurrence(EventIdentity Identity, V1ObjectReference Regarding, DateTimeOffset At)
{
    /// <summary>Where its Event is kept: events of cluster-scoped objects live in <c>default</c>.</summary>
    public static string NamespaceOf(V1ObjectReference regarding) =>
        string.IsNullOrEmpty(regarding.NamespaceProperty) ? "default" : regarding.NamespaceProperty;
}

/// <summary>What to write for an occurrence.</summary>
internal enum EventWrite
{
    /// <summary>A new Event.</summary>
    Create,

    /// <summary>The count of the one that exists.</summary>
    Count,

    /// <summary>Nothing yet: it was counted, and was written a moment ago.</summary>
    Later,

    /// <summary>Nothing: the object said too much.</summary>
    Drop,
}

/// <summary>One Event in the API server and how often its thing happened.</summary>
internal sealed class EventSeries(string name, V1ObjectReference regarding, DateTimeOffset now)
{
    public string Name { get; } = name;

    public V1ObjectReference Regarding { get; } = regarding;

    public int Count { get; set; } = 1;

    /// <summary>As it stands in the API server.</summary>
    public int WrittenCount { get; set; } = 1;

    public DateTimeOffset LastAt { get; set; } = now;

    public DateTimeOffset WrittenAt { get; set; } = now;
}

/// <summary>Decides what becomes an Event: same things are counted, talkative objects are cut short. Pure but for its memory; not thread-safe.</summary>
internal sealed class EventAggregator
{
    /// <summary>The same thing after a longer silence is a new Event.</summary>
    public static readonly TimeSpan SeriesEndsAfter = TimeSpan.FromMinutes(10);

    /// <summary>A rising count is written at most so often.</summary>
    public static readonly TimeSpan CountEvery = TimeSpan.FromSeconds(10);

    /// <summary>client-go's limits: a burst of 25 different events per object, then one every 5 minutes.</summary>
    public const int Burst = 25;

    public static readonly TimeSpan Refill = TimeSpan.FromMinutes(5);

    /// <summary>Memory holds so many series and objects; when it is full, the one that was silent longest is forgotten (its next occurrence is a new Event).</summary>
    public const int Capacity = 4096;

    private readonly Dictionary<EventIdentity, EventSeries> _series = [];
    private readonly Dictionary<string, (double Tokens, DateTimeOffset At)> _budgets = [];
    private long _lastNamed;

    public (EventWrite Write, EventSeries? Series) Take(Occurrence occurrence)
    {
        if (_series.TryGetValue(occurrence.Identity, out var known) && occurrence.At - known.LastAt < SeriesEndsAfter)
        {
            known.Count++;
            known.LastAt = occurrence.At;
            return (known.WrittenCount == 1 || occurrence.At - known.WrittenAt >= CountEvery ? EventWrite.Count : EventWrite.Later, known);
        }

        if (!Spend(occurrence.Identity.Uid, occurrence.At))
        {
            return (EventWrite.Drop, null);
        }

        var series = new EventSeries(Name(occurrence), occurrence.Regarding, occurrence.At);
        MakeRoom(_series, static entry => entry.LastAt);
        _series[occurrence.Identity] = series;
        return (EventWrite.Create, series);
    }

    /// <summary>Counts that rose since they were last written.</summary>
    public IReadOnlyList<(EventIdentity Identity, EventSeries Series)> Unwritten() =>
        [.. _series.Where(static entry => entry.Value.Count != entry.Value.WrittenCount).Select(static entry => (entry.Key, entry.Value))];

    /// <summary>The Event is not there (any more, or never came to be): the next occurrence makes a new one.</summary>
    public void Forget(EventIdentity identity) => _series.Remove(identity);

    /// <summary>
    /// The object's name and the time in nanoseconds, as 16 hexadecimal digits. <c>kubectl describe</c> sorts by a time that events of
    /// <c>events.k8s.io/v1</c> do not have, so a reader sees them in the order of their names. Times that do not rise are counted on, for names are unique.
    /// </summary>
    private string Name(Occurrence occurrence)
    {
        const long NanosecondsPerTick = 1_000_000 / TimeSpan.TicksPerMillisecond;
        _lastNamed = Math.Max(_lastNamed + 1, (occurrence.At.UtcTicks - DateTimeOffset.UnixEpoch.Ticks) * NanosecondsPerTick);
        return $"{occurrence.Regarding.Name}.{_lastNamed:x16}";
    }

    private bool Spend(string uid, DateTimeOffset now)
    {
        if (!_budgets.TryGetValue(uid, out var budget))
        {
            MakeRoom(_budgets, static entry => entry.At);
            budget = (Burst, now);
        }

        var tokens = Math.Min(Burst, budget.Tokens + ((now - budget.At) / Refill));
        var granted = tokens >= 1;
        _budgets[uid] = (granted ? tokens - 1 : tokens, now);
        return granted;
    }

    private static void MakeRoom<TKey, TValue>(Dictionary<TKey, TValue> memory, Func<TValue, DateTimeOffset> lastUse)
        where TKey : notnull
    {
        if (memory.Count >= Capacity)
        {
            memory.Remove(memory.MinBy(entry => lastUse(entry.Value)).Key);
        }
    }
}
