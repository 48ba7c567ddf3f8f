using PushPlatform.Delivery;

namespace PushPlatform.PushNode.Orders;

/// <summary>Who this node is, to the pool and to its vehicles.</summary>
/// <param name="Pool">The pool whose vehicles it holds.</param>
/// <param name="Sessions">What the pool keeps apart.</param>
/// <param name="Pod">The pod's name.</param>
/// <param name="BootNonce">New with each start: a restarted container is another node. At most 32 characters.</param>
/// <param name="PingSeconds">What vehicles are told of the heartbeat.</param>
/// <param name="Drain">Over how long vehicles are sent away.</param>
internal sealed record NodeIdentity(PoolName Pool, SessionMode Sessions, string Pod, string BootNonce, int PingSeconds, TimeSpan Drain)
{
    /// <summary>Unique among all nodes that ever lived.</summary>
    public string Name => $"{Pod}.{BootNonce}";
}
