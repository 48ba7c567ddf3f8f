using Microsoft.Extensions.Logging;

namespace PushPlatform.PushNode.Orders;

/// <summary>The loops that carry out orders: one place that names, starts, watches and stops them.</summary>
internal sealed class OrderLoops(
    Campaigns campaigns, OrderFollower follower, Beats beats, Rounds rounds, Walker walker, Evacuation evacuation, OrderedDrain drain, TimeProvider clock, ILogger<OrderLoops> log)
{
    private volatile OwnedLoop[] _loops = [];

    public IEnumerable<string> Faults => _loops.Select(loop => loop.Fault).OfType<string>();

    public void Start() => _loops =
    [
        Start("campaigns", campaigns.RunAsync),
        Start("order reading", follower.ReadAsync),
        Start("bus", follower.FollowBusAsync),
        Start("beats", beats.RunAsync),
        Start("rounds", rounds.RunAsync),
        Start("walks", walker.RunAsync),
        Start("evacuation", evacuation.RunAsync),
        Start("drain hints", drain.LookAsync),
        Start("drain", drain.RunAsync),
    ];

    /// <summary>Asks all to stop, then awaits each. Does nothing the second time.</summary>
    public async Task StopAsync()
    {
        OwnedLoop[] loops = Interlocked.Exchange(ref _loops!, []);
        foreach (OwnedLoop loop in loops)
        {
            loop.RequestStop();
        }

        foreach (OwnedLoop loop in loops)
        {
            await loop.DisposeAsync();
        }
    }

    private OwnedLoop Start(string name, Func<CancellationToken, Task> body) => OwnedLoop.Start(name, body, clock, log);
}
