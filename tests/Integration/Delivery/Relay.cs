using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace PushPlatform.Tests.Integration.Delivery;

/// <summary>A TCP relay on loopback that can fall silent like a peer that died without a FIN.</summary>
internal sealed class Relay : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly ConcurrentBag<Link> _links = [];
    private readonly CancellationTokenSource _stop = new();
    private readonly int _target;
    private readonly Task _accepting;

    public Relay(int target)
    {
        _target = target;
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>Connections that are open now stay open and carry nothing any more; new ones work.</summary>
    public void SwallowWhatIsOpen()
    {
        foreach (Link link in _links)
        {
            link.Swallow = true;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Stop();
        await _accepting;
        await Task.WhenAll(_links.Select(link => link.Done));
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                Socket near = await _listener.AcceptSocketAsync(_stop.Token);
                _links.Add(new Link(near, _target, _stop.Token));
            }
        }
        catch (OperationCanceledException)
        {
            // The test is over.
        }
    }

    private sealed class Link
    {
        public Link(Socket near, int target, CancellationToken stop) => Done = CarryAsync(near, target, stop);

        public volatile bool Swallow;

        public Task Done { get; }

        private async Task CarryAsync(Socket near, int target, CancellationToken stop)
        {
            using Socket far = new(SocketType.Stream, ProtocolType.Tcp);
            using (near)
            {
                await far.ConnectAsync(IPAddress.Loopback, target, stop);
                await Task.WhenAll(PumpAsync(near, far, stop), PumpAsync(far, near, stop));
            }
        }

        private async Task PumpAsync(Socket from, Socket to, CancellationToken stop)
        {
            byte[] buffer = new byte[16_384];
            try
            {
                while (await from.ReceiveAsync(buffer, stop) is > 0 and int length)
                {
                    if (!Swallow)
                    {
                        await to.SendAsync(buffer.AsMemory(0, length), stop);
                    }
                }

                to.Shutdown(SocketShutdown.Send);
            }
            catch (Exception error) when (error is SocketException or OperationCanceledException or ObjectDisposedException)
            {
                // One side went: so does the link.
                to.Dispose();
            }
        }
    }
}
