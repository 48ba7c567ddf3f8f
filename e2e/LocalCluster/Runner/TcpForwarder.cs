using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using PushPlatform.LocalCluster.Faults;

namespace PushPlatform.LocalCluster.Runner;

/// <summary>
/// One port of a Service: new connections go to the backends in turn; an open one stays with its backend until either side ends it. A
/// connection without any backend is refused by closing it.
/// </summary>
/// <remarks>Disposal resets the open connections, as a killed process does.</remarks>
internal sealed class TcpForwarder : IAsyncDisposable
{
    private const int BufferBytes = 16 * 1024;
    private readonly Socket _listener;
    private readonly CancellationTokenSource _stopping = new();
    private readonly ConcurrentDictionary<Task, byte> _connections = new();
    private readonly Task _accepting;
    private readonly Func<FlowGate>? _gateOfNext;
    private volatile IReadOnlyList<IPEndPoint> _backends = [];
    private int _turn;

    /// <param name="address">Where to listen.</param>
    /// <param name="gateOfNext">Tells the gate that the bytes of a new connection pass as long as it lives; null: nothing holds them up.</param>
    /// <exception cref="SocketException">The address is taken.</exception>
    public TcpForwarder(IPEndPoint address, Func<FlowGate>? gateOfNext = null)
    {
        _gateOfNext = gateOfNext;
        _listener = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        _listener.Bind(address);
        _listener.Listen(512);
        _accepting = AcceptAsync();
    }

    public void Use(IReadOnlyList<IPEndPoint> backends) => _backends = backends;

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        _listener.Dispose();
        await _accepting.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await Task.WhenAll(_connections.Keys);
        _stopping.Dispose();
    }

    private async Task AcceptAsync()
    {
        while (true)
        {
            Socket client = await _listener.AcceptAsync(_stopping.Token);
            Task connection = ForwardAsync(client);
            _connections[connection] = 0;
            _ = connection.ContinueWith(ended => _connections.TryRemove(ended, out _), TaskScheduler.Default);
        }
    }

    // Never faults: whatever breaks one connection ends just that one, on both sides.
    private async Task ForwardAsync(Socket client)
    {
        using Socket server = new(SocketType.Stream, ProtocolType.Tcp);
        using (client)
        {
            try
            {
                FlowGate gate = _gateOfNext?.Invoke() ?? new FlowGate();
                await gate.WaitAsync(_stopping.Token);
                await ConnectAsync(server);
                client.NoDelay = server.NoDelay = true;
                using CancellationTokenSource broken = CancellationTokenSource.CreateLinkedTokenSource(_stopping.Token);
                await Task.WhenAll(CopyAsync(client, server, gate, broken), CopyAsync(server, client, gate, broken));
            }
            catch (Exception error) when (error is SocketException or OperationCanceledException)
            {
                // Zero linger turns the close into a reset, as a killed process does.
                client.LingerState = new LingerOption(enable: true, seconds: 0);
                server.LingerState = new LingerOption(enable: true, seconds: 0);
            }
        }
    }

    // A pod that was just killed may still be listed: the next one is tried, each of them once.
    private async Task ConnectAsync(Socket server)
    {
        IReadOnlyList<IPEndPoint> backends = _backends;
        for (int tried = 1; ; tried++)
        {
            if (backends.Count == 0)
            {
                throw new SocketException((int)SocketError.ConnectionRefused);
            }
            IPEndPoint backend = backends[(int)((uint)Interlocked.Increment(ref _turn) % (uint)backends.Count)];
            try
            {
                await server.ConnectAsync(backend, _stopping.Token);
                return;
            }
            catch (SocketException) when (tried < backends.Count)
            {
                // Next.
            }
        }
    }

    private static async Task CopyAsync(Socket from, Socket to, FlowGate gate, CancellationTokenSource broken)
    {
        byte[] buffer = new byte[BufferBytes];
        try
        {
            while (await from.ReceiveAsync(buffer, broken.Token) is > 0 and var length)
            {
                await gate.WaitAsync(broken.Token);
                for (int sent = 0; sent < length;)
                {
                    sent += await to.SendAsync(buffer.AsMemory(sent, length - sent), broken.Token);
                }
            }
            await gate.WaitAsync(broken.Token);
            // A half-close is passed on; the other direction goes on.
            to.Shutdown(SocketShutdown.Send);
        }
        catch
        {
            await broken.CancelAsync();
            throw;
        }
    }
}
