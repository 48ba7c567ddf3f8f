using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using PushPlatform.Delivery.Bus;
using PushPlatform.PushNode.Connections;

namespace PushPlatform.PushNode.Orders;

/// <summary>Newest wins, across nodes: tells the holder of an older session, and closes a connection whose session was told of.</summary>
internal sealed class Kicks : IAsyncDisposable
{
    /// <summary>Full (the broker is away): the newest are dropped, and counted. The older holder finds out within 30 s when it confirms its sessions.</summary>
    public const int Capacity = 4096;

    private readonly NodeIdentity _node;
    private readonly IOrderBus _bus;
    private readonly VehicleIndex _index;
    private readonly OrderMetrics _metrics;
    private readonly ILogger _log;
    private readonly Channel<KickMessage> _waiting;
    private readonly OwnedLoop _loop;

    public Kicks(NodeIdentity node, IOrderBus bus, VehicleIndex index, OrderMetrics metrics, TimeProvider clock, ILogger<Kicks> log)
    {
        _node = node;
        _bus = bus;
        _index = index;
        _metrics = metrics;
        _log = log;
        _waiting = Channel.CreateBounded<KickMessage>(
            new BoundedChannelOptions(Capacity) { SingleReader = true, FullMode = BoundedChannelFullMode.DropWrite }, _ => metrics.KickDropped());
        _loop = OwnedLoop.Start("kicks", RunAsync, clock, log);
    }

    public string? Fault => _loop.Fault;

    /// <summary>Returns at once.</summary>
    public void Publish(KickMessage kick) => _waiting.Writer.TryWrite(kick);

    /// <summary>Closes the connection that holds exactly this session, if it is here.</summary>
    public void Handle(KickMessage kick)
    {
        if (_index.Find(kick.Vid) is { } link && LocalVehicle.Of(link)?.Session == kick.Session)
        {
            _metrics.Kicked();
            link.Close(CloseReason.Replaced);
        }
    }

    public ValueTask DisposeAsync() => _loop.DisposeAsync();

    private async Task RunAsync(CancellationToken stop)
    {
        bool lost = false;
        await foreach (KickMessage kick in _waiting.Reader.ReadAllAsync(stop))
        {
            try
            {
                await _bus.PublishAsync(_node.Pool, kick, stop);
                lost = false;
            }
            catch (BusUnavailableException error)
            {
                if (!lost)
                {
                    Log.KicksLost(_log, error.Message);
                }

                lost = true;
            }
        }
    }
}
