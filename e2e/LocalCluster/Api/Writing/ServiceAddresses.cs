namespace PushPlatform.LocalCluster.Api.Writing;

/// <summary>
/// ClusterIPs out of 127.0.0.0/8, all of which Linux lets anyone bind: one random /24 per server, so that several clusters on one
/// machine do not meet. 254 Services; the next one is refused.
/// </summary>
internal sealed class ServiceAddresses
{
    private readonly string _prefix = $"127.{Random.Shared.Next(16, 100)}.{Random.Shared.Next(256)}";
    private int _last;

    /// <exception cref="ApiException">500: all addresses were given out.</exception>
    public string Next()
    {
        int next = Interlocked.Increment(ref _last);
        return next < 255 ? $"{_prefix}.{next}" : throw new ApiException(500, "InternalError", "no ClusterIP is left");
    }
}
