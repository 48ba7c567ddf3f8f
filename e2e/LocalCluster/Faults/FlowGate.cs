namespace PushPlatform.LocalCluster.Faults;

/// <summary>Whether bytes may move. Open at first.</summary>
internal sealed class FlowGate
{
    private readonly Lock _lock = new();
    private TaskCompletionSource? _closed;

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

    /// <summary>Returns once the gate is open.</summary>
    public Task WaitAsync(CancellationToken cancellation)
    {
        lock (_lock)
        {
            return _closed?.Task.WaitAsync(cancellation) ?? Task.CompletedTask;
        }
    }
}
