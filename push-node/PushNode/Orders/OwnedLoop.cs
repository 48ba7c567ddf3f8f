using Microsoft.Extensions.Logging;

namespace PushPlatform.PushNode.Orders;

/// <summary>A background loop with an owner: started, watched, stopped and awaited. One that fails says so and starts again.</summary>
internal sealed class OwnedLoop : IAsyncDisposable
{
    private static readonly TimeSpan RestartAfter = TimeSpan.FromSeconds(1);

    private readonly CancellationTokenSource _stop = new();
    private readonly Task _running;
    private volatile string? _fault;

    private OwnedLoop(string name, Func<CancellationToken, Task> body, TimeProvider clock, ILogger log)
    {
        Name = name;
        _running = RunAsync(body, clock, log);
    }

    public string Name { get; }

    /// <summary>Null while it runs; otherwise why it had to start again, until it has run for a second.</summary>
    public string? Fault => _fault;

    /// <summary>Runs <paramref name="body"/> until it returns or the loop is stopped.</summary>
    public static OwnedLoop Start(string name, Func<CancellationToken, Task> body, TimeProvider clock, ILogger log) => new(name, body, clock, log);

    /// <summary>Asks it to stop, without waiting for it.</summary>
    public void RequestStop() => _stop.Cancel();

    /// <summary>Waits until it has ended by itself, or stops it after <paramref name="patience"/>.</summary>
    public async Task FinishAsync(TimeSpan patience)
    {
        _stop.CancelAfter(patience);
        await _running;
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running;
        _stop.Dispose();
    }

    private async Task RunAsync(Func<CancellationToken, Task> body, TimeProvider clock, ILogger log)
    {
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        while (true)
        {
            try
            {
                await body(_stop.Token);
                return;
            }
            catch (OperationCanceledException) when (_stop.IsCancellationRequested)
            {
                return;
            }
            catch (Exception error)
            {
                _fault = $"{Name} failed: {error.Message}";
                Log.LoopFailed(log, Name, error);
            }

            await Task.Delay(RestartAfter, clock, _stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (_stop.IsCancellationRequested)
            {
                return;
            }

            _fault = null;
        }
    }
}
