using System.Threading.Channels;

namespace PushPlatform.Kubernetes.Queue;

/// <summary>
/// Keys to be worked on. A key is handed to one worker at a time, however often it is added; what is added while it is worked on is handed out
/// once more afterwards. Keys may also become due later: of several times the earliest holds, and a run answers every wish from before it began.
/// Size: one entry a key, and there are no more keys than objects, so it is bounded by what the API server holds; nothing is ever dropped.
/// </summary>
internal sealed class WorkQueue<TKey> : IDisposable
    where TKey : notnull
{
    private readonly Lock _gate = new();
    // Unbounded is safe: a key is in here at most once, see above.
    private readonly Channel<TKey> _ready = Channel.CreateUnbounded<TKey>();
    private readonly HashSet<TKey> _queued = [];
    private readonly HashSet<TKey> _running = [];
    private readonly HashSet<TKey> _again = [];
    private readonly Dictionary<TKey, DateTimeOffset> _due = [];
    private readonly Dictionary<TKey, int> _failures = [];
    private readonly TimeProvider _time;
    private readonly RetryBackoff _backoff;
    private readonly ITimer _timer;
    private DateTimeOffset _armedFor = DateTimeOffset.MaxValue;
    private bool _closed;

    public WorkQueue(RetryBackoff backoff, TimeProvider time)
    {
        _backoff = backoff;
        _time = time;
        _timer = time.CreateTimer(_ => ReleaseDue(), state: null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Keys that are due and wait for a worker.</summary>
    public int Depth
    {
        get
        {
            lock (_gate)
            {
                return _queued.Count;
            }
        }
    }

    /// <summary>Called for every key that becomes due.</summary>
    public Action? OnAdded { get; init; }

    public void Add(TKey key)
    {
        lock (_gate)
        {
            AddLocked(key);
        }
    }

    /// <summary>Makes the key due after <paramref name="delay"/>, unless it is due earlier already.</summary>
    public void AddAfter(TKey key, TimeSpan delay)
    {
        if (delay <= TimeSpan.Zero)
        {
            Add(key);
            return;
        }

        lock (_gate)
        {
            var due = _time.GetUtcNow() + delay;
            if (_closed || _queued.Contains(key) || _again.Contains(key) || (_due.TryGetValue(key, out var known) && known <= due))
            {
                return;
            }

            _due[key] = due;
            Arm(due);
        }
    }

    /// <summary>Puts a key back after a failure, with the next longer pause, or the one that the server asked for if that is longer.</summary>
    public void AddAfterFailure(TKey key, TimeSpan? atLeast = null)
    {
        int failures;
        lock (_gate)
        {
            failures = _failures.GetValueOrDefault(key) + 1;
            _failures[key] = failures;
        }

        var pause = _backoff.After(failures);
        AddAfter(key, atLeast > pause ? atLeast.Value : pause);
    }

    /// <summary>The key went well: its next failure is a first one again.</summary>
    public void Forget(TKey key)
    {
        lock (_gate)
        {
            _failures.Remove(key);
        }
    }

    /// <summary>Waits for a key; the caller owns it until <see cref="Done"/>.</summary>
    /// <exception cref="ChannelClosedException">The queue was closed.</exception>
    public async ValueTask<TKey> TakeAsync(CancellationToken cancellationToken)
    {
        var key = await _ready.Reader.ReadAsync(cancellationToken);
        lock (_gate)
        {
            _queued.Remove(key);
            _due.Remove(key);
            _running.Add(key);
        }

        return key;
    }

    /// <summary>Gives the key back. If it was added meanwhile it is due at once.</summary>
    public void Done(TKey key)
    {
        lock (_gate)
        {
            _running.Remove(key);
            if (_again.Remove(key))
            {
                AddLocked(key);
            }
        }
    }

    /// <summary>Nothing is taken in or handed out any more; keys in hand are still given back.</summary>
    public void Close()
    {
        lock (_gate)
        {
            _closed = true;
            _queued.Clear();
            _due.Clear();
            while (_ready.Reader.TryRead(out _))
            {
            }

            _ready.Writer.TryComplete();
        }
    }

    public void Dispose()
    {
        Close();
        _timer.Dispose();
    }

    private void AddLocked(TKey key)
    {
        if (_closed)
        {
            return;
        }

        if (_running.Contains(key))
        {
            _again.Add(key);
        }
        else if (_queued.Add(key))
        {
            _due.Remove(key);
            _ready.Writer.TryWrite(key);
            OnAdded?.Invoke();
        }
    }

    private void ReleaseDue()
    {
        lock (_gate)
        {
            _armedFor = DateTimeOffset.MaxValue;
            var now = _time.GetUtcNow();
            foreach (var key in _due.Where(entry => entry.Value <= now).Select(static entry => entry.Key).ToList())
            {
                _due.Remove(key);
                AddLocked(key);
            }

            if (_due.Count > 0)
            {
                Arm(_due.Values.Min());
            }
        }
    }

    private void Arm(DateTimeOffset due)
    {
        if (due < _armedFor)
        {
            _armedFor = due;
            var wait = due - _time.GetUtcNow();
            _timer.Change(wait > TimeSpan.Zero ? wait : TimeSpan.Zero, Timeout.InfiniteTimeSpan);
        }
    }
}
