using PushPlatform.Kubernetes.LeaderElection;
using PushPlatform.Operator.Telemetry;

namespace PushPlatform.Operator.Loops;

/// <summary>Something that only the leader does, again and again; a turn that fails is logged and the next one comes all the same.</summary>
internal abstract class LeaderLoop(ILeadership leadership, TimeProvider time, TimeSpan period, ILogger log) : BackgroundService
{
    protected abstract Task TurnAsync(CancellationToken cancellationToken);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(period, time);
        do
        {
            CancellationToken leading = await leadership.WaitUntilLeadingAsync(stoppingToken);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken, leading);
            try
            {
                await TurnAsync(either.Token);
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
}
