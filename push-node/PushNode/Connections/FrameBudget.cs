namespace PushPlatform.PushNode.Connections;

/// <summary>How many frames of one vehicle are read: so many at once, and so many a second for long. What comes faster waits in the transport, and slows its sender alone.</summary>
/// <remarks>Far more than any vehicle needs: each frame may cost an answer, a look-up or a write, and one vehicle must not have more of those than thousands of others.</remarks>
internal struct FrameBudget
{
    public const int Burst = 256;
    public const int PerSecond = 64;

    private static readonly TimeSpan OfOne = TimeSpan.FromSeconds(1.0 / PerSecond);
    private static readonly TimeSpan OfBurst = Burst * OfOne;

    // The moment at which all that was read is paid for: the generic cell rate algorithm, in one field.
    private TimeSpan _paidAt;

    /// <summary>A frame was read.</summary>
    /// <param name="now">On a clock that never goes back.</param>
    /// <returns>How long to read no further; zero: not at all.</returns>
    public TimeSpan Spend(TimeSpan now)
    {
        TimeSpan since = _paidAt > now ? _paidAt : now;
        _paidAt = since + OfOne;
        TimeSpan ahead = _paidAt - now - OfBurst;
        return ahead > TimeSpan.Zero ? ahead : TimeSpan.Zero;
    }
}

/// <summary>A pause of one connection's reading; made only for a vehicle that has spent its budget.</summary>
internal sealed class ReadPause : WheelEntry
{
    private readonly TaskCompletionSource _over = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task Over => _over.Task;

    protected internal override TimeSpan? OnDue()
    {
        _over.TrySetResult();
        return null;
    }
}
