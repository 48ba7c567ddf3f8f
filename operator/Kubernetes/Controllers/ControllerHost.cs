using System.Collections.Concurrent;
using System.Threading.Channels;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using PushPlatform.Kubernetes.Client;
using PushPlatform.Kubernetes.Informers;
using PushPlatform.Kubernetes.LeaderElection;
using PushPlatform.Kubernetes.Models;
using PushPlatform.Kubernetes.Queue;

namespace PushPlatform.Kubernetes.Controllers;

/// <summary>A controller as the runtime sees it, whatever it controls.</summary>
internal interface IControllerHost : IHostedService, IHealthSource
{
    Task? ExecuteTask { get; }
}

/// <summary>
/// One controller's workers. They begin when the caches are synced and this process leads, and are given every object once at that moment.
/// On the way out they take nothing new and finish what they have in hand; when leadership is lost they are cancelled.
/// </summary>
internal sealed class ControllerHost<TEntity> : BackgroundService, IControllerHost
    where TEntity : class, IKubernetesObject<V1ObjectMeta>
{
    /// <summary>A run in hand may finish during shutdown for so long. Less than the host's 30 s.</summary>
    private static readonly TimeSpan DrainFor = TimeSpan.FromSeconds(20);

    private readonly string _name;
    private readonly Reconciler<TEntity> _reconciler;
    private readonly IEntityStore<TEntity> _store;
    private readonly IReadOnlyList<IInformer> _sources;
    private readonly ILeadership _leadership;
    private readonly OperatorSettings _settings;
    private readonly TimeProvider _time;
    private readonly KubernetesMetrics _metrics;
    private readonly ILogger _logger;
    private readonly WorkQueue<NamespacedName> _queue;

    // At most one entry a key, and each is in the queue too.
    private readonly ConcurrentDictionary<NamespacedName, TEntity> _gone = new();
    private volatile bool _working;

    public ControllerHost(
        string name,
        Reconciler<TEntity> reconciler,
        IEntityStore<TEntity> store,
        IReadOnlyList<IInformer> sources,
        ILeadership leadership,
        OperatorSettings settings,
        TimeProvider time,
        KubernetesMetrics metrics,
        ILogger<ControllerHost<TEntity>> logger)
    {
        (_name, _reconciler, _store, _sources, _leadership, _settings) = (name, reconciler, store, sources, leadership, settings);
        (_time, _metrics, _logger) = (time, metrics, logger);
        var backoff = new RetryBackoff(settings.ErrorBackoffBase, settings.ErrorBackoffCap, Random.Shared.NextDouble);
        _queue = new WorkQueue<NamespacedName>(backoff, time) { OnAdded = () => metrics.Adds.Add(1, new KeyValuePair<string, object?>("name", name)) };
        metrics.ObserveDepth(name, () => _queue.Depth);
    }

    /// <summary>A change of the controlled object itself.</summary>
    public void OnChange(EntityChange<TEntity> change)
    {
        // A standby does nothing: it gets every object from the store when it begins.
        if (!_working || !change.MattersToItsController())
        {
            return;
        }

        if (change.New is null)
        {
            _gone[change.Key] = change.Old!;
        }

        _queue.Add(change.Key);
    }

    /// <summary>Something that the object depends on changed.</summary>
    public void Wake(NamespacedName key)
    {
        if (_working && _store.Get(key) is not null)
        {
            _queue.Add(key);
        }
    }

    public IEnumerable<string> LiveFaults() => ExecuteTask is { IsCompleted: true } ? [$"the workers of {_name} ended"] : [];

    public IEnumerable<string> ReadyFaults() => [];

    public override void Dispose()
    {
        _queue.Dispose();
        base.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            await Task.WhenAll(_sources.Select(source => source.WaitUntilSyncedAsync(stoppingToken)));
            var lost = await _leadership.WaitUntilLeadingAsync(stoppingToken);
            using var drained = new CancellationTokenSource();
            using var cancelled = CancellationTokenSource.CreateLinkedTokenSource(lost, drained.Token);
            using var stopping = CancellationTokenSource.CreateLinkedTokenSource(lost, stoppingToken);
            await using var drain = stoppingToken.Register(() => drained.CancelAfter(DrainFor));

            // First listen, then take the store: what changes in between comes twice, never not at all.
            _working = true;
            AddAll(TimeSpan.Zero);
            Log.ControllerWorking(_logger, _name, _settings.MaxParallelReconciliations);
            var workers = Enumerable.Range(0, _settings.MaxParallelReconciliations).Select(_ => WorkAsync(stopping.Token, cancelled.Token));
            await Task.WhenAll([.. workers, ResyncAsync(stopping.Token)]);

            // With leadership lost the process is on its way out; until it is, this is not an end that needs explaining.
            await Task.Delay(Timeout.InfiniteTimeSpan, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // Stopped before the work began.
        }
        finally
        {
            _working = false;
            _queue.Close();
        }
    }

    private void AddAll(TimeSpan spreadOver)
    {
        foreach (var entity in _store.List())
        {
            _queue.AddAfter(entity.Key(), spreadOver * Random.Shared.NextDouble());
        }
    }

    private async Task ResyncAsync(CancellationToken stopping)
    {
        var spread = _settings.ResyncPeriod / 10;
        while (!stopping.IsCancellationRequested)
        {
            await Task.Delay(_settings.ResyncPeriod - spread, _time, stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            AddAll(spread);
        }
    }

    private async Task WorkAsync(CancellationToken stopping, CancellationToken cancelled)
    {
        while (!stopping.IsCancellationRequested)
        {
            NamespacedName key;
            try
            {
                key = await _queue.TakeAsync(stopping);
            }
            catch (Exception exception) when (exception is OperationCanceledException or ChannelClosedException)
            {
                return;
            }

            try
            {
                await RunAsync(key, cancelled);
            }
            finally
            {
                _queue.Done(key);
            }
        }
    }

    private async Task RunAsync(NamespacedName key, CancellationToken cancelled)
    {
        _gone.TryRemove(key, out var gone);
        var began = _time.GetTimestamp();
        string outcome;
        using (var limit = new CancellationTokenSource(_settings.ReconcileTimeout, _time))
        using (var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancelled))
        {
            try
            {
                outcome = Settle(key, gone, await _reconciler.RunAsync(key, gone, either.Token));
            }
            catch (OperationCanceledException) when (cancelled.IsCancellationRequested)
            {
                return;
            }
            catch (Exception exception)
            {
                outcome = Failed(key, gone, limit.IsCancellationRequested ? new TimeoutException($"not done within {_settings.ReconcileTimeout.TotalSeconds} s", exception) : exception);
            }
        }

        var controller = new KeyValuePair<string, object?>("controller", _name);
        _metrics.Reconciles.Add(1, controller, new("result", outcome));
        _metrics.ReconcileTime.Record(_time.GetElapsedTime(began).TotalSeconds, controller);
        if (outcome == "error")
        {
            _metrics.ReconcileErrors.Add(1, controller);
        }
    }

    private string Settle(NamespacedName key, TEntity? gone, ReconciliationResult<TEntity>? result)
    {
        if (result is { IsTerminal: true })
        {
            _queue.Forget(key);
            Log.ReconcileTerminal(_logger, _name, key, result.ErrorMessage!);
            return "error";
        }

        if (result is { IsSuccess: false })
        {
            Remember(key, gone);
            Log.ReconcileRetried(_logger, _name, key, result.ErrorMessage!);
            Retry(key, result.RequeueAfter, result.Error);
            return "error";
        }

        _queue.Forget(key);
        if (result?.RequeueAfter is { } pause)
        {
            _queue.AddAfter(key, pause);
            return "requeue_after";
        }

        return "success";
    }

    private string Failed(NamespacedName key, TEntity? gone, Exception exception)
    {
        Remember(key, gone);
        if (exception is KubernetesException { IsConflict: true })
        {
            // Two wrote at once; the newer state is on its way through the watch. Not worth a stack trace.
            Log.ReconcileConflict(_logger, _name, key);
        }
        else
        {
            Log.ReconcileFailed(_logger, _name, key, exception);
        }

        Retry(key, wished: null, exception);
        return "error";
    }

    private void Retry(NamespacedName key, TimeSpan? wished, Exception? exception)
    {
        _metrics.Retries.Add(1, new KeyValuePair<string, object?>("name", _name));
        if (wished is { } pause)
        {
            _queue.AddAfter(key, pause);
        }
        else
        {
            _queue.AddAfterFailure(key, (exception as KubernetesException)?.RetryAfter);
        }
    }

    /// <summary>A farewell that failed is said again, unless another object of that name has gone since.</summary>
    private void Remember(NamespacedName key, TEntity? gone)
    {
        if (gone is not null)
        {
            _gone.TryAdd(key, gone);
        }
    }
}
