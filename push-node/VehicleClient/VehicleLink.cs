using System.Net;
using System.Net.WebSockets;
using System.Runtime.CompilerServices;

namespace PushPlatform.VehicleClient;

/// <summary>How a link ended.</summary>
/// <param name="End">What decides when to come back.</param>
/// <param name="Error">What broke, if something did.</param>
/// <param name="Alive">How long it had been welcomed; null: never.</param>
/// <param name="AcksArrived">Whether the node has certainly read all that was sent.</param>
internal sealed record LinkResult(ConnectionEnd End, Exception? Error, TimeSpan? Alive, bool AcksArrived);

/// <summary>One connection, from the handshake to its end. A receive loop and a send loop; no buffer is held while nothing comes.</summary>
internal sealed class VehicleLink(VehicleOptions options, KnownDeliveries known, ReportedState reported, PushInbox inbox, MessageInbox messages, TimeSpan pingInterval) : IDisposable
{
    /// <summary>How long a car that leaves waits for the node's close frame.</summary>
    private static readonly TimeSpan LeaveTimeout = TimeSpan.FromSeconds(5);

    private readonly ClientWebSocket _socket = new();
    private readonly SemaphoreSlim _wake = new(0);
    private long _welcomedAt;
    private volatile bool _welcomed;
    private bool _told;
    private bool _leaving;
    private NodeFrame.Bye? _bye;
    private Exception? _sendError;

    internal bool IsWelcomed => _welcomed;

    /// <summary>What is said to services on this link.</summary>
    internal OutgoingMessages Messages { get; } = new();

    /// <summary>What the node said of its pings; before that, what was expected.</summary>
    internal TimeSpan PingInterval { get; private set; } = pingInterval;

    /// <summary>Looks for something to send. Cheap, and safe from any thread.</summary>
    internal void Wake()
    {
        // Two threads may both release: one look too many does no harm.
        if (_wake.CurrentCount == 0)
        {
            _wake.Release();
        }
    }

    /// <summary>Connects and stays until the link ends or <paramref name="stop"/> asks to leave with a close frame. Never throws for what the network or the node does.</summary>
    internal async Task<LinkResult> RunAsync(Uri endpoint, string? token, CancellationToken stop)
    {
        if (await ConnectAsync(endpoint, token, stop).ConfigureAwait(false) is { } refused)
        {
            return refused;
        }

        using CancellationTokenSource leaveDeadline = new(Timeout.InfiniteTimeSpan, options.Time);
        await using ConfiguredAsyncDisposable abort = leaveDeadline.Token.Register(_socket.Abort).ConfigureAwait(false);
        await using ConfiguredAsyncDisposable leave = stop.Register(() => leaveDeadline.CancelAfter(LeaveTimeout)).ConfigureAwait(false);
        using CancellationTokenSource over = CancellationTokenSource.CreateLinkedTokenSource(stop);
        Task sending = SendLoopAsync(over.Token, stop);
        Exception? error = null;
        try
        {
            await ReceiveLoopAsync().ConfigureAwait(false);
        }
        catch (Exception e) when (e is WebSocketException or FormatException or ObjectDisposedException or OperationCanceledException)
        {
            error = e;
        }
        catch
        {
            // A callback of the application failed.
            _socket.Abort();
            throw;
        }
        finally
        {
            await over.CancelAsync().ConfigureAwait(false);
            await AnswerCloseAsync(error).ConfigureAwait(false);
            await sending.ConfigureAwait(false);
            Messages.ConnectionEnded();
        }

        return Ended(error);
    }

    // The semaphore is left to the collector: it holds no handle, and a thread may still be about to wake this link.
    public void Dispose() => _socket.Dispose();

    private async Task<LinkResult?> ConnectAsync(Uri endpoint, string? token, CancellationToken stop)
    {
        (_socket.Options.KeepAliveInterval, _socket.Options.KeepAliveTimeout) = KeepAlive.For(PingInterval);
        _socket.Options.AddSubProtocol(ProtocolRules.Subprotocol);
        _socket.Options.CollectHttpResponseDetails = true;
        if (token is not null && options.Role is null)
        {
            _socket.Options.SetRequestHeader("Authorization", "Bearer " + token);
        }

        using CancellationTokenSource timeout = new(options.ConnectTimeout, options.Time);
        using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, stop);
        try
        {
            await _socket.ConnectAsync(Address(endpoint, token), options.Invoker, either.Token).ConfigureAwait(false);
            return null;
        }
        catch (Exception e) when (e is WebSocketException or HttpRequestException or OperationCanceledException or IOException)
        {
            HttpStatusCode? status = _socket.HttpStatusCode == default ? null : _socket.HttpStatusCode;
            return new LinkResult(new ConnectionEnd(HttpStatus: status, NotBefore: RetryAfter()), e, Alive: null, AcksArrived: false);
        }
    }

    private Uri Address(Uri endpoint, string? token)
    {
        UriBuilder url = new(endpoint);
        if (options.Role is not null)
        {
            url.Path = $"{url.Path.TrimEnd('/')}/{options.Role}/{Uri.EscapeDataString(token ?? options.Vid)}";
        }

        string device = options.Device is null ? "" : "&device=" + Uri.EscapeDataString(options.Device);
        url.Query = (url.Query.Length > 1 ? url.Query + "&" : "?") + "vid=" + Uri.EscapeDataString(options.Vid) + device;
        return url.Uri;
    }

    private TimeSpan? RetryAfter() =>
        _socket.HttpResponseHeaders?.TryGetValue("Retry-After", out IEnumerable<string>? values) == true && values.FirstOrDefault() is { } value
            ? ReconnectPolicy.ParseRetryAfter(value, options.Time.GetUtcNow())
            : null;

    private async Task ReceiveLoopAsync()
    {
        MessageReader reader = new(_socket);
        while (await reader.ReadAsync(message => Take(NodeFrame.Parse(message))).ConfigureAwait(false))
        {
        }
    }

    private void Take(NodeFrame? frame)
    {
        switch (frame)
        {
            case NodeFrame.Welcome welcome:
                TakeWelcome(welcome);
                break;
            case NodeFrame.Notice notice:
                inbox.Offer(notice.Push);
                break;
            case NodeFrame.Cancel cancel:
                inbox.Cancel(cancel.Delivery);
                break;
            case NodeFrame.Message message:
                messages.Offer(message.Direct);
                break;
            case NodeFrame.Outcome outcome:
                Messages.Settle(outcome.Id, outcome.Became);
                break;
            case NodeFrame.Bye bye:
                _bye = bye;
                break;
            case NodeFrame.Error error:
                options.OnFault?.Invoke(new VehicleFault($"The node refused a frame: {error.Code}: {error.Detail}"));
                break;
        }
    }

    private void TakeWelcome(NodeFrame.Welcome welcome)
    {
        PingInterval = TimeSpan.FromSeconds(Math.Max(1, welcome.PingSeconds));
        if (!_welcomed)
        {
            _welcomedAt = options.Time.GetTimestamp();
            _welcomed = true;
            Wake();
        }

        if (welcome.Pending is { } pending && !_told)
        {
            _told = true;
            options.OnConnected?.Invoke(new VehicleSession(welcome.Session, pending));
        }
    }

    /// <summary>Says hello, and after the welcome whatever there is to say. Sends are not cancelled (that would break the socket): a stuck one ends with the keep-alive.</summary>
    private async Task SendLoopAsync(CancellationToken over, CancellationToken stop)
    {
        try
        {
            (IReadOnlyDictionary<string, string>? labels, VehiclePosition? position) = reported.TakeAll();
            await SendAsync(VehicleFrames.Hello(
                options.Vid, options.Device, labels, position, maxBytes => known.TakeSeen(ProtocolRules.MaxSeen, maxBytes))).ConfigureAwait(false);
            while (!over.IsCancellationRequested)
            {
                while (_welcomed && NextFrame() is { } frame)
                {
                    await SendAsync(frame).ConfigureAwait(false);
                }

                await _wake.WaitAsync(over).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (over.IsCancellationRequested)
        {
            // The link has ended, or the car leaves.
        }
        catch (Exception e) when (e is WebSocketException or ObjectDisposedException or OperationCanceledException or InvalidOperationException)
        {
            _sendError = e;
            _socket.Abort();
        }

        if (stop.IsCancellationRequested)
        {
            await LeaveAsync().ConfigureAwait(false);
        }
    }

    private ReadOnlyMemory<byte>? NextFrame()
    {
        if (reported.TakeChange() is { } change)
        {
            return change;
        }

        return known.TakeOwed() is { } owed ? VehicleFrames.Ack(owed) : Messages.TakeUnsent();
    }

    private ValueTask SendAsync(ReadOnlyMemory<byte> frame) => _socket.SendAsync(frame, WebSocketMessageType.Text, endOfMessage: true, CancellationToken.None);

    private async Task LeaveAsync()
    {
        if (_socket.State != WebSocketState.Open)
        {
            return;
        }

        try
        {
            _leaving = true;
            await _socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, CancellationToken.None).ConfigureAwait(false);
        }
        catch (Exception e) when (e is WebSocketException or ObjectDisposedException or InvalidOperationException)
        {
            _sendError = e;
            _socket.Abort();
        }
    }

    /// <summary>Answers the node's close frame, or tells it what it did wrong; without an answer in time the link is cut.</summary>
    private async Task AnswerCloseAsync(Exception? error)
    {
        if (_socket.State is not (WebSocketState.CloseReceived or WebSocketState.Open))
        {
            return;
        }

        WebSocketCloseStatus code = error is null ? _socket.CloseStatus ?? WebSocketCloseStatus.NormalClosure : WebSocketCloseStatus.ProtocolError;
        using CancellationTokenSource deadline = new(LeaveTimeout, options.Time);
        try
        {
            await _socket.CloseOutputAsync(code is WebSocketCloseStatus.Empty ? WebSocketCloseStatus.NormalClosure : code, null, deadline.Token).ConfigureAwait(false);
        }
        catch (Exception e) when (e is WebSocketException or ObjectDisposedException or InvalidOperationException or OperationCanceledException)
        {
            _socket.Abort();
        }
    }

    private LinkResult Ended(Exception? error)
    {
        bool closed = error is null;
        int? code = closed && _socket.CloseStatus is { } status && status != WebSocketCloseStatus.Empty ? (int)status : null;
        TimeSpan? notBefore = _bye?.ReconnectAfterMs is { } ms ? TimeSpan.FromMilliseconds(ms) : null;
        ConnectionEnd end = new(code, _bye?.Reason, HttpStatus: null, notBefore, BrokeProtocol: error is FormatException);
        return new LinkResult(end, error ?? _sendError, _welcomed ? options.Time.GetElapsedTime(_welcomedAt) : null, AcksArrived: _leaving && code == (int)WebSocketCloseStatus.NormalClosure);
    }
}
