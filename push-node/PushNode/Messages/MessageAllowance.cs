namespace PushPlatform.PushNode.Messages;

/// <summary>How much one connection may say to services: ten messages at once, and one a second. On the connection's own read loop.</summary>
internal sealed class MessageAllowance(TimeProvider clock)
{
    public const int Burst = 10;

    private const double PerSecond = 1;

    private double _left = Burst;
    private long _countedAt = clock.GetTimestamp();

    public bool TryTake()
    {
        long now = clock.GetTimestamp();
        _left = Math.Min(Burst, _left + clock.GetElapsedTime(_countedAt, now).TotalSeconds * PerSecond);
        _countedAt = now;
        bool may = _left >= 1;
        _left -= may ? 1 : 0;
        return may;
    }
}
