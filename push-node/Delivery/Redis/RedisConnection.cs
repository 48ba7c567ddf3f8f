using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Logging;
using StackExchange.Redis;

namespace PushPlatform.Delivery.Redis;

/// <summary>
/// One connection to Redis (a single server or a Cluster) that never hangs: every call ends within <see cref="CallTimeout"/>, and a link that
/// is silent is found by probing and built anew. The client library alone would wait for TCP to give up on a peer that died without a FIN,
/// which on Linux takes about 15 minutes.
/// </summary>
internal sealed class RedisConnection : IAsyncDisposable
{
    /// <summary>Longest that one call takes; then whether its effect happened is unknown.</summary>
    public static readonly TimeSpan CallTimeout = TimeSpan.FromSeconds(2);

    private static readonly TimeSpan ProbeInterval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(2);

    // Failed probes in a row before a connection is built anew; doubled with each fruitless attempt.
    private const int FirstRebuild = 2;
    private const int LastRebuild = 8;

    private readonly ConfigurationOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly CancellationTokenSource _stop = new();
    private readonly TaskCompletionSource _tried = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Task _upkeep;
    private volatile ConnectionMultiplexer? _current;
    private readonly DependencyWatch _watch;

    /// <exception cref="ArgumentException">The connection string is not understood, or names no server.</exception>
    public RedisConnection(string connectionString, TimeProvider time, ILogger log)
    {
        _options = RedisAddress.Parse(connectionString)
            ?? throw new ArgumentException(RedisAddress.Fault(connectionString), nameof(connectionString));
        _options.AbortOnConnectFail = false;
        _options.ConnectTimeout = (int)ConnectTimeout.TotalMilliseconds;
        _options.SyncTimeout = (int)CallTimeout.TotalMilliseconds;
        _options.KeepAlive = 5;
        // The client counts INFO, by which servers are inspected, among the commands of administrators.
        _options.AllowAdmin = true;
        _time = time;
        _log = log;
        _watch = new DependencyWatch("check that it runs, and that it can be reached from here under the configured address and password", time);
        _upkeep = KeepUpAsync(_stop.Token);
    }

    /// <summary>Null while every master answers; otherwise what is wrong, in words.</summary>
    public string? Fault => _watch.Fault ?? (_tried.Task.IsCompleted ? null : "Redis: not connected yet");

    /// <summary>Completes when the first attempt to connect has ended, well or not.</summary>
    public Task FirstAttempt => _tried.Task;

    /// <summary>Runs a script; loads it where the server does not know it (any more).</summary>
    /// <exception cref="StoreUnavailableException"/>
    public Task<RedisResult> EvaluateAsync(RedisScript script, RedisKey[] keys, RedisValue[] values, CancellationToken cancellationToken) =>
        CallAsync(database => EvaluateOnAsync(database, script, keys, values), cancellationToken, keys[0]);

    /// <summary>Runs commands.</summary>
    /// <param name="about">The key that is asked, for the words of a fault.</param>
    /// <exception cref="StoreUnavailableException"/>
    /// <exception cref="StoreDamagedException">Redis answered that what stands there is none of ours.</exception>
    public async Task<T> CallAsync<T>(Func<IDatabase, Task<T>> call, CancellationToken cancellationToken, RedisKey about = default)
    {
        try
        {
            await _tried.Task.WaitAsync(CallTimeout, _time, cancellationToken);
            ConnectionMultiplexer? multiplexer = _current;
            if (multiplexer is not { IsConnected: true })
            {
                throw new StoreUnavailableException(Fault ?? "Redis: not connected");
            }

            return await call(multiplexer.GetDatabase()).WaitAsync(CallTimeout, _time, cancellationToken);
        }
        catch (RedisServerException error) when (DamagedValue.IsMeant(error.Message))
        {
            throw new StoreDamagedException($"Redis holds something else than ours at {(string?)about ?? "a key"}: {error.Message}", error);
        }
        catch (Exception error) when (IsUnavailability(error, cancellationToken))
        {
            // The standing fault, if one is known by now: what a single call says differs from call to call.
            throw new StoreUnavailableException(Fault ?? $"Redis: {error.Message}", error);
        }
    }

    /// <summary>The masters that are known once the first attempt to connect has ended.</summary>
    /// <exception cref="StoreUnavailableException">Nothing is connected.</exception>
    public Task<IServer[]> MastersAsync(CancellationToken cancellationToken) =>
        CallAsync(database => Task.FromResult(MastersOf(database.Multiplexer)), cancellationToken);

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _upkeep;
        await CloseAsync(_current);
        _stop.Dispose();
    }

    private static async Task<RedisResult> EvaluateOnAsync(IDatabase database, RedisScript script, RedisKey[] keys, RedisValue[] values)
    {
        try
        {
            return await database.ScriptEvaluateAsync(script.Hash, keys, values);
        }
        catch (RedisServerException error) when (error.Message.StartsWith("NOSCRIPT", StringComparison.Ordinal))
        {
            // EVAL loads it as well. Not ScriptEvaluateAsync(text): that one trusts its own memory of what the server has loaded.
            object[] arguments = [script.Text, keys.Length, .. keys.Cast<object>(), .. values.Cast<object>()];
            return await database.ExecuteAsync("EVAL", arguments);
        }
    }

    private static bool IsUnavailability(Exception error, CancellationToken cancellationToken) =>
        error is RedisException or TimeoutException or ObjectDisposedException
        // The client stumbles while it words that there is no connection: a bridge may go between two of its looks at it.
        || error is NullReferenceException { Source: "StackExchange.Redis" }
        || (error is OperationCanceledException && !cancellationToken.IsCancellationRequested);

    [SuppressMessage("Design", "CA1031", Justification = "The owner of the loop: whatever a probe or a rebuild throws is the fault that it reports.")]
    private async Task KeepUpAsync(CancellationToken stop)
    {
        await Task.Yield();
        int failed = 0;
        int rebuildAt = FirstRebuild;
        try
        {
            await RebuildAsync(stop);
            while (true)
            {
                _tried.TrySetResult();
                await Task.Delay(ProbeInterval, _time, stop);
                Report(await ProbeAsync(stop));
                failed = Fault is null ? 0 : failed + 1;
                rebuildAt = Fault is null ? FirstRebuild : rebuildAt;
                if (failed >= rebuildAt)
                {
                    Log.Rebuilding(_log, Fault);
                    await RebuildAsync(stop);
                    failed = 0;
                    rebuildAt = Math.Min(rebuildAt * 2, LastRebuild);
                }
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // Stopped in order.
        }
        finally
        {
            _tried.TrySetResult();
        }
    }

    /// <summary>Connects anew; what does not connect never replaces what may still come back by itself.</summary>
    private async Task RebuildAsync(CancellationToken stop)
    {
        ConnectionMultiplexer? fresh = null;
        try
        {
            fresh = await ConnectionMultiplexer.ConnectAsync(_options.Clone()).WaitAsync(3 * ConnectTimeout, _time, stop);
            // Continuations of different calls need no order among each other, and keeping one would serialise them.
            fresh.PreserveAsyncOrder = false;
            if (fresh.IsConnected || _current is null)
            {
                Report(fresh.IsConnected ? null : "Redis: no server answers");
                ConnectionMultiplexer? old = _current;
                _current = fresh;
                fresh = old;
            }
        }
        catch (Exception error) when (error is not OperationCanceledException || !stop.IsCancellationRequested)
        {
            Report($"Redis: {error.Message}");
        }

        await CloseAsync(fresh);
    }

    private async Task<string?> ProbeAsync(CancellationToken stop)
    {
        if (_current is not { } multiplexer)
        {
            return _watch.What;
        }

        try
        {
            IReadOnlyList<IServer> masters = MastersOf(multiplexer);
            string?[] faults = await Task.WhenAll(masters.Select(master => ProbeAsync(master, stop)));
            return masters.Count == 0 ? "Redis: no server answers" : faults.FirstOrDefault(fault => fault is not null);
        }
        catch (Exception error) when (error is not OperationCanceledException || !stop.IsCancellationRequested)
        {
            // Whatever it is, the loop goes on: without it a lost connection would never be built anew.
            return $"Redis: {error.Message}";
        }
    }

    private async Task<string?> ProbeAsync(IServer master, CancellationToken stop)
    {
        try
        {
            await master.PingAsync().WaitAsync(CallTimeout, _time, stop);
            return null;
        }
        catch (Exception error) when (IsUnavailability(error, stop))
        {
            return $"Redis: {master.EndPoint} does not answer";
        }
    }

    private static IServer[] MastersOf(IConnectionMultiplexer multiplexer) =>
        [.. multiplexer.GetEndPoints().Select(point => multiplexer.GetServer(point)).Where(server => !server.IsSlave)];

    private async Task CloseAsync(ConnectionMultiplexer? multiplexer)
    {
        if (multiplexer is null)
        {
            return;
        }

        try
        {
            await multiplexer.CloseAsync(allowCommandsToComplete: false).WaitAsync(CallTimeout, _time);
        }
        catch (Exception error) when (IsUnavailability(error, CancellationToken.None))
        {
            Log.CloseFailed(_log, error);
        }
    }

    // Only what changes is said, and how it began: probes and rebuilds go on.
    private void Report(string? fault)
    {
        bool changed = _watch.Note(fault);
        if (fault is null && (changed || !_tried.Task.IsCompleted))
        {
            Log.Answers(_log);
        }
        else if (fault is not null && changed)
        {
            Log.Lost(_log, Fault);
        }
    }
}
