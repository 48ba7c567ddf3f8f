using System.Collections.Concurrent;
using PushPlatform.LocalCluster.Faults;
using PushPlatform.LocalCluster.Servers;
using PushPlatform.Scenarios.Stages;

namespace PushPlatform.Scenarios.Chaos;

/// <summary>Carries out what a schedule does to processes, links and servers. Each call returns when the fault is over.</summary>
internal sealed class Disturber(Stage stage, Chronicle chronicle, TimeProvider time) : IDisposable
{
    // One fault of a thing at a time: the end of one must not mend the other.
    private readonly ConcurrentDictionary<object, SemaphoreSlim> _turns = new();

    public Task DisturbAsync(ChaosEvent fault, CancellationToken cancellationToken) => fault.Action switch
    {
        <= ChaosAction.NodeRabbitSilent => DisturbNodeAsync(fault, cancellationToken),
        <= ChaosAction.LeaderApiSilent => DisturbLeaderAsync(fault, cancellationToken),
        ChaosAction.RedisRestarted or ChaosAction.RedisPaused => DisturbRedisAsync(fault, cancellationToken),
        _ => DisturbServerAsync(stage.Rabbit, fault, cancellationToken),
    };

    public void Dispose()
    {
        foreach (SemaphoreSlim turn in _turns.Values)
        {
            turn.Dispose();
        }
    }

    private async Task DisturbNodeAsync(ChaosEvent fault, CancellationToken cancellationToken)
    {
        IReadOnlyList<StagePod> nodes = await stage.Pods.NodesAsync(cancellationToken);
        StagePod node = nodes[fault.Index % nodes.Count];
        PodLinks links = stage.Pods.LinksOf(node);
        await (fault.Action switch
        {
            ChaosAction.NodeKilled => Kill(node),
            ChaosAction.NodePaused => PauseAsync(node, fault.For, cancellationToken),
            ChaosAction.NodeRedisCut => CutAsync(links.Redis, fault.For, cancellationToken),
            ChaosAction.NodeRedisSilent => SilenceAsync(links.Redis, fault.For, cancellationToken),
            ChaosAction.NodeRabbitCut => CutAsync(links.Rabbit, fault.For, cancellationToken),
            _ => SilenceAsync(links.Rabbit, fault.For, cancellationToken),
        });
    }

    private async Task DisturbLeaderAsync(ChaosEvent fault, CancellationToken cancellationToken)
    {
        StagePod leader = await stage.Pods.LeaderAsync(cancellationToken) ?? (await stage.Pods.OperatorsAsync(cancellationToken))[0];
        PodLinks links = stage.Pods.LinksOf(leader);
        TimeSpan begin = chronicle.Now;
        await (fault.Action switch
        {
            ChaosAction.LeaderKilled => Kill(leader),
            ChaosAction.LeaderPaused => PauseAsync(leader, fault.For, cancellationToken),
            ChaosAction.LeaderRedisCut => CutAsync(links.Redis, fault.For, cancellationToken),
            ChaosAction.LeaderRedisSilent => SilenceAsync(links.Redis, fault.For, cancellationToken),
            ChaosAction.LeaderRabbitCut => CutAsync(links.Rabbit, fault.For, cancellationToken),
            ChaosAction.LeaderApiCut => CutAsync(links.Api!, fault.For, cancellationToken),
            _ => SilenceAsync(links.Api!, fault.For, cancellationToken),
        });
        // The bus is a hint: without it everything must be as punctual as ever.
        if (fault.Action != ChaosAction.LeaderRabbitCut)
        {
            chronicle.WasOut(begin, fault.Action is not (ChaosAction.LeaderRedisCut or ChaosAction.LeaderRedisSilent));
        }
    }

    private async Task DisturbRedisAsync(ChaosEvent fault, CancellationToken cancellationToken)
    {
        TimeSpan begin = chronicle.Now;
        await DisturbServerAsync(stage.Redis, fault, cancellationToken);
        chronicle.WasOut(begin, leaderGone: false);
    }

    // SIGTERM, not SIGKILL: the append-only file is synced once a second, and a lost second may repeat sends, which these checks would call a breach.
    // RabbitMQ's restart takes all queues with it: they are exclusive and not durable.
    private Task DisturbServerAsync(LocalServer server, ChaosEvent fault, CancellationToken cancellationToken) => fault.For == TimeSpan.Zero
        ? InTurnAsync(server, () => server.RestartAsync(cancellationToken), cancellationToken)
        : HoldAsync(server, server.Pause, server.Resume, fault.For, cancellationToken);

    private Task Kill(StagePod pod)
    {
        stage.Pods.Kill(pod);
        return Task.CompletedTask;
    }

    private Task PauseAsync(StagePod pod, TimeSpan duration, CancellationToken cancellationToken) =>
        HoldAsync(pod.Uid, () => stage.Pods.Pause(pod), () => stage.Pods.Resume(pod), duration, cancellationToken);

    private Task CutAsync(FaultyLink link, TimeSpan duration, CancellationToken cancellationToken) => InTurnAsync(
        link,
        async () =>
        {
            await link.CutAsync();
            await Task.Delay(duration, time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            link.Heal();
        },
        cancellationToken);

    private Task SilenceAsync(FaultyLink link, TimeSpan duration, CancellationToken cancellationToken) =>
        HoldAsync(link, link.Silence, link.Heal, duration, cancellationToken);

    private Task HoldAsync(object thing, Action harm, Action mend, TimeSpan duration, CancellationToken cancellationToken) => InTurnAsync(
        thing,
        async () =>
        {
            harm();
            await Task.Delay(duration, time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            mend();
        },
        cancellationToken);

    private async Task InTurnAsync(object thing, Func<Task> fault, CancellationToken cancellationToken)
    {
        SemaphoreSlim turn = _turns.GetOrAdd(thing, _ => new SemaphoreSlim(1));
        await turn.WaitAsync(cancellationToken);
        try
        {
            await fault();
        }
        finally
        {
            turn.Release();
        }
    }
}
