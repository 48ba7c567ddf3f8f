namespace PushPlatform.LocalCluster.Runner;

/// <summary>
/// Addresses for pods out of 127.0.0.0/8, all of which Linux lets anyone bind: one random /24 per runner, so that runners side by side do
/// not meet. Addresses given back are used last.
/// </summary>
internal sealed class LoopbackAddresses
{
    private readonly Queue<string> _free;

    public LoopbackAddresses()
    {
        string prefix = $"127.{Random.Shared.Next(100, 240)}.{Random.Shared.Next(256)}";
        _free = new Queue<string>(Enumerable.Range(1, 254).Select(last => $"{prefix}.{last}"));
    }

    /// <exception cref="InvalidOperationException">254 pods run already.</exception>
    public string Take()
    {
        lock (_free)
        {
            return _free.TryDequeue(out string? address) ? address : throw new InvalidOperationException("all 254 pod addresses are in use");
        }
    }

    public void GiveBack(string address)
    {
        lock (_free)
        {
            _free.Enqueue(address);
        }
    }
}
