namespace PushPlatform.LocalCluster.Faults;

/// <summary>Whether bytes may move, and how fast they arrive. Open at first.</summary>
internal sealed class FlowGate
{
    private readonly Lock _lock = new();
    private TaskCompletionSource? _closed;

    /// <summary>How long a piece of what is sent is under way; pieces that wait behind it travel together.</summary>
    public TimeSpan Delay { get; set; }

    public void Close()
    {
        lock (_lock)
        {
            _closed ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }
    }

    public void Open()
    {
        lock (_lock)
        {
            _closed?.SetResult();
            _closed = null;
        }
    }

    /// <summary>Returns when a piece that has come may go on.</summary>
    public async Task WaitAsync(CancellationToken cancellation)
    {
        if (Delay > TimeSpan.Zero)
        {
            await Task.Delay(Delay, cancellation);
        }
        Task? closed;
        lock (_lock)
        {
            closed = _closed?.Task;
        }
        if (closed is not null)
        {
            await closed.WaitAsync(cancellation);
        }
    }
}
