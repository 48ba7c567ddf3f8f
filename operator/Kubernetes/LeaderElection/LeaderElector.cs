using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using PushPlatform.Kubernetes.Client;

namespace PushPlatform.Kubernetes.LeaderElection;

/// <summary>How long a leader lasts; see <c>OperatorSettings</c>.</summary>
internal sealed record LeaseTimings(TimeSpan RenewDeadline, TimeSpan RetryPeriod);

/// <summary>
/// Takes the lease, renews it, and gives it back on the way out. A leader that could not renew for the renew deadline, or that finds another holder, ends the
/// process: what it was doing cannot be told apart from what the next leader does, and a fresh start is the only state that is known to be good.
/// </summary>
internal sealed class LeaderElector(
    LeaseLock lease, LeaseTimings timings, IHostApplicationLifetime lifetime, TimeProvider time, ILogger<LeaderElector> logger) : BackgroundService, ILeadership
{
    private static readonly TimeSpan ReleaseWithin = TimeSpan.FromSeconds(3);

    private readonly TaskCompletionSource<CancellationToken> _leading = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenSource _lost = new();
    private string? _holder;
    private long _renewed;

    public bool IsLeader => _leading.Task.IsCompletedSuccessfully && !_lost.IsCancellationRequested && Remaining() > TimeSpan.Zero;

    public Task<CancellationToken> WaitUntilLeadingAsync(CancellationToken cancellationToken) => _leading.Task.WaitAsync(cancellationToken);

    public override void Dispose()
    {
        _lost.Dispose();
        base.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            while (!stoppingToken.IsCancellationRequested)
            {
                await TryOnceAsync(stoppingToken);
                if (_leading.Task.IsCompleted && (_holder != lease.Identity || Remaining() <= TimeSpan.Zero))
                {
                    Lose();
                    return;
                }

                await Task.Delay(NextPause(), time, stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // On the way out.
        }

        await ReleaseAsync();
    }

    /// <summary>How long the lease is surely still ours.</summary>
    private TimeSpan Remaining() => timings.RenewDeadline - time.GetElapsedTime(Volatile.Read(ref _renewed));

    private async Task TryOnceAsync(CancellationToken stoppingToken)
    {
        // A call that hangs must leave time for another one, and must not outlast the lease.
        var patience = timings.RenewDeadline / 2;
        if (_leading.Task.IsCompleted && Remaining() < patience)
        {
            patience = Remaining() > TimeSpan.Zero ? Remaining() : TimeSpan.Zero;
        }

        using var limit = new CancellationTokenSource(patience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, stoppingToken);
        try
        {
            var asked = time.GetTimestamp();
            var holder = await lease.AcquireOrRenewAsync(either.Token);
            if (holder != _holder)
            {
                Log.LeaderIs(logger, holder ?? "nobody", lease.Identity);
                _holder = holder;
            }

            if (holder == lease.Identity)
            {
                Volatile.Write(ref _renewed, asked);
                _leading.TrySetResult(_lost.Token);
            }
        }
        catch (KubernetesException exception) when (exception.IsConflict)
        {
            // Somebody wrote at the same moment: the next look shows who.
        }
        catch (Exception exception) when (exception is not OperationCanceledException || !stoppingToken.IsCancellationRequested)
        {
            Log.LeaseUnreachable(logger, exception.Message);
        }
    }

    private TimeSpan NextPause()
    {
        if (!_leading.Task.IsCompleted)
        {
            // Followers spread, so that they do not all write when the lease falls free.
            return timings.RetryPeriod * (1 + (Random.Shared.NextDouble() * 0.2));
        }

        return Remaining() < timings.RetryPeriod ? Remaining() : timings.RetryPeriod;
    }

    private void Lose()
    {
        Log.LeadershipLost(logger, _holder ?? "nobody");
        _lost.Cancel();
        Environment.ExitCode = 1;
        lifetime.StopApplication();
    }

    private async Task ReleaseAsync()
    {
        if (_holder != lease.Identity)
        {
            return;
        }

        using var limit = new CancellationTokenSource(ReleaseWithin, time);
        try
        {
            await lease.ReleaseAsync(limit.Token);
            Log.LeaseReleased(logger);
        }
        catch (Exception exception)
        {
            // The next one waits for the lease to run out instead.
            Log.LeaseUnreachable(logger, exception.Message);
        }
    }
}

/// <summary>Leadership of a process that is alone by agreement.</summary>
internal sealed class SoleLeader : ILeadership
{
    public bool IsLeader => true;

    public Task<CancellationToken> WaitUntilLeadingAsync(CancellationToken cancellationToken) => Task.FromResult(CancellationToken.None);
}
