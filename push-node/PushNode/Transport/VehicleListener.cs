using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using PushPlatform.PushNode.Handshake;
using PushPlatform.PushNode.Telemetry;

namespace PushPlatform.PushNode.Transport;

/// <summary>The vehicle port without TLS: accepts connections and serves each until it ends.</summary>
internal sealed class VehicleListener(NodeOptions options, VehicleHandler handler, ILogger<VehicleListener> logger) : IHostedService, IDisposable
{
    /// <summary>A mass reconnect must not overflow the queue of connections not yet accepted.</summary>
    public const int Backlog = 4096;

    /// <summary>
    /// Bytes that the kernel keeps for a vehicle that does not read, before its outbox begins to fill. Left to itself Linux makes it up to 4 MiB a connection (tcp_wmem), on the
    /// container's account. A vehicle 0.2 s away has 320 KB a second through it, and the largest notice is 36 KiB.
    /// </summary>
    public const int SendBuffer = 64 * 1024;

    /// <summary>Where a connection cannot be taken, for want of descriptors or memory, the next one cannot either. They wait in the backlog.</summary>
    private static readonly TimeSpan AfterFailure = TimeSpan.FromMilliseconds(100);

    private readonly Socket _listener = new(options.BindAddress.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
    private readonly CancellationTokenSource _stop = new();
    private readonly HashSet<SocketTransport> _open = [];
    private readonly TaskCompletionSource _allGone = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Task _accepting = Task.CompletedTask;

    /// <summary>Where it listens; known once started.</summary>
    public IPEndPoint EndPoint => (IPEndPoint)_listener.LocalEndPoint!;

    /// <exception cref="IOException">The port cannot be had.</exception>
    public Task StartAsync(CancellationToken cancellationToken)
    {
        IPEndPoint wanted = new(options.BindAddress, options.VehiclePort);
        try
        {
            if (options.BindAddress.Equals(IPAddress.IPv6Any))
            {
                _listener.DualMode = true;
            }

            // Linux hands both down to what is accepted.
            _listener.NoDelay = true;
            _listener.SendBufferSize = SendBuffer;
            _listener.Bind(wanted);
            _listener.Listen(Backlog);
        }
        catch (SocketException fault)
        {
            throw new IOException($"The node cannot listen for vehicles on {wanted}: {fault.Message}.", fault);
        }

        _accepting = AcceptAsync();
        return Task.CompletedTask;
    }

    /// <summary>What is still open is cut, and ends before the services stop that are to hear of it, if the host still has time for that.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await _stop.CancelAsync();
        await _accepting;
        _listener.Dispose();
        SocketTransport[] left;
        lock (_open)
        {
            left = [.. _open];
        }

        foreach (SocketTransport transport in left)
        {
            transport.Abort();
        }

        TellIfAllGone();
        await _allGone.Task.WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    public void Dispose()
    {
        _listener.Dispose();
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        bool failing = false;
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                SocketTransport transport = new(await _listener.AcceptAsync(_stop.Token));
                lock (_open)
                {
                    _open.Add(transport);
                }

                // A handshake's work is not for the loop that all newcomers wait for.
                ThreadPool.UnsafeQueueUserWorkItem(static work => _ = work.Listener.ServeAsync(work.Transport), (Listener: this, Transport: transport), preferLocal: false);
                failing = false;
            }
            catch (SocketException fault) when (fault.SocketErrorCode is SocketError.ConnectionAborted or SocketError.ConnectionReset)
            {
                // It has gone again.
            }
            catch (SocketException fault)
            {
                if (!failing)
                {
                    failing = true;
                    logger.AcceptFailed(fault.SocketErrorCode);
                }

                await Task.Delay(AfterFailure, _stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
            catch (OperationCanceledException) when (_stop.IsCancellationRequested)
            {
                // Stopped.
            }
        }
    }

    private async Task ServeAsync(SocketTransport transport)
    {
        try
        {
            await handler.ServeAsync(transport);
        }
        catch (Exception fault)
        {
            logger.ConnectionFailed(fault);
        }
        finally
        {
            transport.Dispose();
            lock (_open)
            {
                _open.Remove(transport);
            }

            TellIfAllGone();
        }
    }

    private void TellIfAllGone()
    {
        if (!_stop.IsCancellationRequested)
        {
            return;
        }

        lock (_open)
        {
            if (_open.Count == 0)
            {
                _allGone.TrySetResult();
            }
        }
    }
}
