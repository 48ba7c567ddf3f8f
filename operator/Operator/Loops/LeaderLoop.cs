using PushPlatform.Delivery;
using PushPlatform.Kubernetes.Informers;
using PushPlatform.Kubernetes.LeaderElection;
using PushPlatform.Kubernetes.Models;
using PushPlatform.Operator.Api;
using PushPlatform.Operator.Telemetry;

namespace PushPlatform.Operator.Loops;

/// <summary>Something that only the leader does for each pool, again and again; a turn that fails is logged and the next one comes all the same.</summary>
internal abstract class LeaderLoop(IEntityStore<PushPool> pools, ILeadership leadership, TimeProvider time, TimeSpan period, ILogger log) : BackgroundService
{
    private static readonly TimeSpan SyncLook = TimeSpan.FromMilliseconds(200);

    private bool _storeIsAway;

    protected TimeProvider Time => time;

    protected abstract Task TurnAsync(PoolName pool, CancellationToken cancellationToken);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!pools.HasSynced)
        {
            // Or the first turn finds no pools, and whatever a predecessor left waits for the second.
            await Task.Delay(SyncLook, time, stoppingToken);
        }
        using var timer = new PeriodicTimer(period, time);
        do
        {
            CancellationToken leading = await leadership.WaitUntilLeadingAsync(stoppingToken);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken, leading);
            try
            {
                Note(await TurnAllAsync(either.Token));
            }
            catch (OperationCanceledException) when (either.IsCancellationRequested)
            {
                // Stopping, or somebody else leads now.
            }
            catch (Exception fault)
            {
                log.LoopFailed(GetType().Name, fault);
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    /// <summary>What one pool's part of Redis holds up is that pool's turn alone. Answers the last fault.</summary>
    private async Task<StoreUnavailableException?> TurnAllAsync(CancellationToken cancellationToken)
    {
        StoreUnavailableException? last = null;
        foreach (PushPool pool in pools.List())
        {
            try
            {
                await TurnAsync(new PoolName(pool.Namespace()!, pool.Name()), cancellationToken);
            }
            catch (StoreUnavailableException fault)
            {
                last = fault;
            }
        }
        return last;
    }

    // Only what changes is said: the turns go on.
    private void Note(StoreUnavailableException? fault)
    {
        if (fault is not null && !_storeIsAway)
        {
            log.LoopWithoutRedis(GetType().Name, fault.Message);
        }
        else if (fault is null && _storeIsAway)
        {
            log.LoopHasRedisAgain(GetType().Name);
        }
        _storeIsAway = fault is not null;
    }
}
