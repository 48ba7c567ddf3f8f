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
    private readonly ILogger _logger;
    private readonly WorkQueue<NamespacedName> _queue;
    private readonly ReconcileOutcomes<TEntity> _outcomes;

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
        (_time, _logger) = (time, logger);
        var backoff = new RetryBackoff(settings.ErrorBackoffBase, settings.ErrorBackoffCap, Random.Shared.NextDouble);
        _queue = new WorkQueue<NamespacedName>(backoff, time) { OnAdded = () => metrics.Adds.Add(1, new KeyValuePair<string, object?>("name", name)) };
        _outcomes = new ReconcileOutcomes<TEntity>(name, _queue, time, metrics, logger);
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
        using var limit = new CancellationTokenSource(_settings.ReconcileTimeout, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancelled);
        using var span = KubernetesTracing.Reconcile(_name, key);
        bool again;
        try
        {
            again = _outcomes.Returned(key, await _reconciler.RunAsync(key, gone, either.Token), began);
        }
        catch (OperationCanceledException) when (cancelled.IsCancellationRequested)
        {
            return;
        }
        catch (Exception exception)
        {
            var late = limit.IsCancellationRequested;
            var fault = late ? new TimeoutException($"not done within {_settings.ReconcileTimeout.TotalSeconds} s", exception) : exception;
            span.Failed(fault);
            _outcomes.Failed(key, fault, late, began);
            again = true;
        }

        if (again)
        {
            Remember(key, gone);
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
