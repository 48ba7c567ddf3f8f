using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using PushPlatform.Kubernetes.Client;
using PushPlatform.Kubernetes.Controllers;
using PushPlatform.Kubernetes.Models;
using PushPlatform.Kubernetes.Queue;

namespace PushPlatform.Kubernetes.Informers;

/// <summary>What the runtime asks of an informer whatever it holds.</summary>
internal interface IInformer : IHostedService, IHealthSource
{
    Task? ExecuteTask { get; }

    Task WaitUntilSyncedAsync(CancellationToken cancellationToken);
}

/// <summary>
/// Keeps a store of one kind: a complete list, then a watch from that very version, for ever. A watch that ends goes on from the last version seen;
/// one whose version is too old (410), or that the server refuses, begins with a list again.
/// </summary>
internal sealed class Informer<TEntity> : BackgroundService, IInformer
    where TEntity : class, IKubernetesObject<V1ObjectMeta>
{
    /// <summary>A watch is renewed within 10 minutes, and when it says nothing for 90 s; three in a row that could not be had are a fault.</summary>
    private static readonly TimeSpan StaleAfter = TimeSpan.FromMinutes(5);

    /// <summary>A watch that held for so long was a good one.</summary>
    private static readonly TimeSpan GoodAfter = TimeSpan.FromSeconds(10);

    private static readonly string Kind = KubernetesEntityAttribute.Of(typeof(TEntity)).Kind;

    private readonly IKubernetesClient _client;
    private readonly string? _namespace;
    private readonly string? _labelSelector;
    private readonly TimeProvider _time;
    private readonly KubernetesMetrics _metrics;
    private readonly ILogger _logger;
    // Short pauses: while nobody watches, nobody notices that a campaign was suspended.
    private readonly RetryBackoff _backoff = new(TimeSpan.FromMilliseconds(200), TimeSpan.FromSeconds(5), Random.Shared.NextDouble);
    private readonly TaskCompletionSource _synced = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly List<Action<EntityChange<TEntity>>> _handlers = [];
    private long _lastContact;

    public Informer(IKubernetesClient client, string? @namespace, string? labelSelector, TimeProvider time, KubernetesMetrics metrics, ILogger<Informer<TEntity>> logger)
    {
        _client = client;
        _namespace = @namespace;
        _labelSelector = labelSelector;
        _time = time;
        _metrics = metrics;
        _logger = logger;
        _lastContact = time.GetTimestamp();
    }

    public EntityStore<TEntity> Store { get; } = new();

    /// <summary>Before the start only. Handlers are called in the order of changes, after the store has them, and must return at once.</summary>
    public void Subscribe(Action<EntityChange<TEntity>> handler) => _handlers.Add(handler);

    public Task WaitUntilSyncedAsync(CancellationToken cancellationToken) => _synced.Task.WaitAsync(cancellationToken);

    public IEnumerable<string> LiveFaults()
    {
        var silence = _time.GetElapsedTime(Volatile.Read(ref _lastContact));
        return silence > StaleAfter ? [$"nothing was heard of {Kind} objects for {(int)silence.TotalSeconds} s"] : [];
    }

    public IEnumerable<string> ReadyFaults() => Store.HasSynced ? [] : [$"{Kind} objects are not listed yet"];

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        string? version = null;
        var failures = 0;
        while (!stoppingToken.IsCancellationRequested)
        {
            var began = _time.GetTimestamp();
            var progress = false;
            string cause;
            try
            {
                version ??= await ListAsync(stoppingToken);
                await foreach (var change in _client.WatchAsync<TEntity>(version, _namespace, _labelSelector, cancellationToken: stoppingToken))
                {
                    progress |= change.ResourceVersion != version;
                    version = change.ResourceVersion;
                    Heard();
                    Tell(Store.Apply(change));
                }

                Heard(began);
                cause = "ended";
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (KubernetesException exception)
            {
                // Too old, forbidden for the moment, a server that lost its memory: only a list tells where we stand.
                version = null;
                cause = exception.Reason;
                Log.WatchRefused(_logger, Kind, exception.Message);
            }
            catch (IOException exception)
            {
                // It was taken first. Servers before 1.21 say no more than that of a kind of which nothing changes anywhere.
                Heard(began);
                cause = "broken";
                Log.WatchBroken(_logger, Kind, exception.Message);
            }
            catch (Exception exception)
            {
                cause = "broken";
                Log.WatchBroken(_logger, Kind, exception.Message);
            }

            failures = progress || _time.GetElapsedTime(began) > GoodAfter ? 0 : failures + 1;
            _metrics.WatchRestarts.Add(1, new("kind", Kind), new("cause", cause));
            if (failures > 0)
            {
                await Task.Delay(_backoff.After(failures), _time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private async Task<string> ListAsync(CancellationToken cancellationToken)
    {
        var list = await _client.ListAsync<TEntity>(_namespace, _labelSelector, cancellationToken: cancellationToken);
        Heard();
        Tell(Store.Replace(list));
        if (_synced.TrySetResult())
        {
            Log.Synced(_logger, Kind, list.Items.Count);
        }

        return list.ResourceVersion;
    }

    private void Heard() => Heard(_time.GetTimestamp());

    // Words of the watch may be later than its beginning.
    private void Heard(long at) => Volatile.Write(ref _lastContact, Math.Max(at, _lastContact));

    private void Tell(IReadOnlyList<EntityChange<TEntity>> changes)
    {
        foreach (var change in changes)
        {
            foreach (var handler in _handlers)
            {
                handler(change);
            }
        }
    }
}
