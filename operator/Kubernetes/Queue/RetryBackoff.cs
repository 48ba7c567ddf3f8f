namespace PushPlatform.Kubernetes.Queue;

/// <summary>How long to wait before the next try: doubling from the base to the cap, for ever, and never all at once (half of each pause is random).</summary>
internal sealed class RetryBackoff(TimeSpan first, TimeSpan cap, Func<double> random)
{
    /// <param name="failures">Failures in a row, from 1.</param>
    public TimeSpan After(int failures)
    {
        // 2^30 seconds is beyond any cap; more would overflow.
        var full = first * Math.Pow(2, Math.Clamp(failures - 1, 0, 30));
        full = full > cap ? cap : full;
        return full * (0.5 + (random() / 2));
    }
}
