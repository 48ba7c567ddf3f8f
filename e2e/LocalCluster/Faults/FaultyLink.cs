using System.Net;
using PushPlatform.LocalCluster.Runner;
using PushPlatform.LocalCluster.Servers;

namespace PushPlatform.LocalCluster.Faults;

/// <summary>
/// The network between one client and one server on loopback, as a TCP relay that can be broken as networks break. Calls do not overlap: one
/// story breaks and heals it.
/// </summary>
public sealed class FaultyLink : IAsyncDisposable
{
    private readonly IPEndPoint _near = new(IPAddress.Loopback, FreePort.Next());
    private readonly IPEndPoint _far;
    private volatile FlowGate _gate = new();
    private TcpForwarder? _forwarder;

    private FaultyLink(IPEndPoint far)
    {
        _far = far;
        Listen();
    }

    /// <summary>Where the client connects to instead of the server's own port, on 127.0.0.1.</summary>
    public int Port => _near.Port;

    /// <summary><c>127.0.0.1:port</c></summary>
    public string Address => _near.ToString();

    /// <summary>A whole link to a port on 127.0.0.1; the server need not be there yet.</summary>
    public static FaultyLink To(int port) => new(new IPEndPoint(IPAddress.Loopback, port));

    /// <summary>Open connections are reset and new ones refused, until <see cref="Heal"/>: a server's firewall, or a crash.</summary>
    public async Task CutAsync()
    {
        if (_forwarder is { } forwarder)
        {
            _forwarder = null;
            await forwarder.DisposeAsync();
        }
    }

    /// <summary>
    /// Open connections stay, new ones are accepted, and no byte moves either way, until <see cref="Heal"/>; what TCP held until then flows on, as after a partition.
    /// </summary>
    public void Silence() => _gate.Close();

    /// <summary>The connections that are open now stay open and never carry anything again, as when a router has lost its table; new ones work.</summary>
    public void Forget()
    {
        FlowGate old = _gate;
        _gate = new FlowGate();
        old.Close();
    }

    /// <summary>Everything takes this much longer each way, until <see cref="Heal"/>: what happens between a question and its answer can then be seen from outside.</summary>
    public void Slow(TimeSpan eachWay) => _gate.Delay = eachWay;

    /// <summary>Ends what <see cref="CutAsync"/>, <see cref="Silence"/> and <see cref="Slow"/> began.</summary>
    public void Heal()
    {
        _gate.Delay = TimeSpan.Zero;
        _gate.Open();
        if (_forwarder is null)
        {
            Listen();
        }
    }

    public async ValueTask DisposeAsync() => await CutAsync();

    private void Listen()
    {
        _forwarder = new TcpForwarder(_near, () => _gate);
        _forwarder.Use([_far]);
    }
}
