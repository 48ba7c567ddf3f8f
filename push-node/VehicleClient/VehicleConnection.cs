using System.Text.Json;

namespace PushPlatform.VehicleClient;

/// <summary>Keeps one car connected to the push nodes: connects, comes back when the protocol allows, shows each notice once, and makes sure that its acks arrive.</summary>
public sealed class VehicleConnection : IDisposable
{
    /// <summary>A node that says nothing of a message for so long does not know the frame.</summary>
    private static readonly TimeSpan OutcomeWithin = TimeSpan.FromSeconds(30);

    private readonly VehicleOptions _options;
    private readonly KnownDeliveries _known;
    private readonly ReportedState _reported;
    private readonly MessageInbox _messages;
    private readonly ReconnectPolicy _policy;
    private volatile VehicleLink? _link;
    private TimeSpan _pingInterval;
    private bool _loaded;
    private int _running;

    /// <exception cref="ArgumentException">An option is outside its bounds; the message names it.</exception>
    public VehicleConnection(VehicleOptions options)
    {
        options.Validate();
        _options = options;
        _known = new KnownDeliveries(options.Store, options.KnownDeliveries, options.Time);
        _reported = new ReportedState(options.Labels, options.Position);
        _messages = new MessageInbox(options);
        _policy = new ReconnectPolicy(options.FirstBackoff, options.MaxBackoff, options.NextRandom);
        _pingInterval = options.PingInterval;
    }

    /// <summary>Whether there is a connection that a node has welcomed. It may be dead already without anybody knowing.</summary>
    public bool IsConnected => _link is { IsWelcomed: true };

    /// <summary>
    /// Stays connected until <paramref name="stop"/>, then leaves with a close frame (waiting up to 5 s for the node's) and returns. May be called again afterwards.
    /// Throws only what the store throws on loading, or what a callback throws.
    /// </summary>
    /// <exception cref="InvalidOperationException">It is running already.</exception>
    public async Task RunAsync(CancellationToken stop)
    {
        if (Interlocked.Exchange(ref _running, 1) == 1)
        {
            throw new InvalidOperationException("This connection is running already.");
        }

        try
        {
            if (!_loaded)
            {
                await _known.LoadAsync(stop).ConfigureAwait(false);
                _loaded = true;
            }

            using CancellationTokenSource over = CancellationTokenSource.CreateLinkedTokenSource(stop);
            PushInbox inbox = new(_options, _known, Wake);
            Task handling = WatchAsync(Task.WhenAll(inbox.RunAsync(over.Token), _messages.RunAsync(over.Token)), over);
            try
            {
                await StayConnectedAsync(inbox, over.Token).ConfigureAwait(false);
            }
            finally
            {
                await over.CancelAsync().ConfigureAwait(false);
                await handling.ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // Told to stop while it waited.
        }
        finally
        {
            Volatile.Write(ref _running, 0);
        }
    }

    /// <summary>Tells the node where the car is, now or after the next connect. Only the latest position is kept. Safe from any thread.</summary>
    public void UpdatePosition(VehiclePosition position)
    {
        _reported.Set(position);
        Wake();
    }

    /// <summary>Replaces the car's labels, now or after the next connect. Safe from any thread.</summary>
    /// <exception cref="ArgumentException">A label is outside the limits of the protocol.</exception>
    public void UpdateLabels(IReadOnlyDictionary<string, string> labels)
    {
        ProtocolRules.RequireLabels(labels);
        _reported.Set(new Dictionary<string, string>(labels));
        Wake();
    }

    /// <summary>
    /// Reports what became of a delivery, e.g. that it is installed now. Returns when the report is in the store; it is sent as soon as there is a connection, and again until it is certain
    /// that it arrived. Safe from any thread.
    /// </summary>
    /// <exception cref="ArgumentException">The delivery, code or detail is outside the limits of the protocol.</exception>
    public async ValueTask ReportAsync(
        string delivery, DeliveryStatus status, string? code = null, string? detail = null, CancellationToken cancellationToken = default)
    {
        ProtocolRules.RequireDelivery(delivery);
        DeliveryReport report = new(status, code, detail);
        try
        {
            await _known.RecordAsync(delivery, report, retry: 0, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            // Also when the store fails: the report is known until the process ends.
            Wake();
        }
    }

    /// <summary>
    /// Says something to whatever services listen, once: nothing is kept until there is a connection, and nothing is sent again. Whoever sends the same id again leaves it to the services to tell.
    /// Safe from any thread.
    /// </summary>
    /// <param name="payload">Any JSON value but null; the whole frame must stay within 4096 bytes.</param>
    /// <param name="id">1–128 visible ASCII characters; null: a new one is made.</param>
    /// <param name="cancellationToken">Ends the wait for the outcome.</param>
    /// <returns>What became of it, as the node says, within half a minute.</returns>
    /// <exception cref="ArgumentException">The id or payload is outside the limits of the protocol.</exception>
    public async Task<MessageOutcome> SendMessageAsync(JsonElement payload, string? id = null, CancellationToken cancellationToken = default)
    {
        id ??= Guid.NewGuid().ToString("N");
        ProtocolRules.RequireMessageId(id);
        ReadOnlyMemory<byte> frame = VehicleFrames.Message(id, payload);
        if (_link is not { IsWelcomed: true } link || !link.Messages.TryAdd(id, frame, out Task<MessageOutcome>? outcome))
        {
            return MessageOutcome.NotSent;
        }

        link.Wake();
        try
        {
            return await outcome.WaitAsync(OutcomeWithin, _options.Time, cancellationToken).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            return MessageOutcome.Unknown;
        }
        finally
        {
            link.Messages.GiveUp(id);
        }
    }

    public void Dispose() => _known.Dispose();

    private void Wake() => _link?.Wake();

    /// <summary>A failure of the loop that calls the application ends the connection, which then throws it.</summary>
    private static async Task WatchAsync(Task loop, CancellationTokenSource over)
    {
        try
        {
            await loop.ConfigureAwait(false);
        }
        catch
        {
            await over.CancelAsync().ConfigureAwait(false);
            throw;
        }
    }

    private async Task StayConnectedAsync(PushInbox inbox, CancellationToken stop)
    {
        Comeback comeback = new(TimeSpan.Zero);
        string? lastToken = null;
        int attempts = 0;
        int endpoint = 0;
        while (!stop.IsCancellationRequested)
        {
            LinkResult result;
            try
            {
                string? token = _options.Token is null ? null : await _options.Token(stop).ConfigureAwait(false);
                if (comeback.NeedsNewToken && token == lastToken)
                {
                    await Task.Delay(ReconnectPolicy.LongWait * (1 + _options.NextRandom()), _options.Time, stop).ConfigureAwait(false);
                    continue;
                }

                lastToken = token;
                result = await ConnectOnceAsync(inbox, _options.Endpoints[endpoint % _options.Endpoints.Count], token, stop).ConfigureAwait(false);
            }
            catch (Exception e) when (!stop.IsCancellationRequested && e is HttpRequestException or IOException or TimeoutException)
            {
                // The source of tokens is out of reach: as when the node is.
                result = new LinkResult(new ConnectionEnd(), e, Alive: null, AcksArrived: false);
            }

            if (result.Alive is null)
            {
                endpoint++;
            }
            else if (result.Alive >= KeepAlive.DeadLinkAfter(_pingInterval))
            {
                attempts = 0;
            }

            comeback = _policy.Decide(result.End, attempts++);
            _options.OnDisconnected?.Invoke(new VehicleDisconnect(
                result.End.CloseCode, result.End.ByeReason, result.End.HttpStatus, result.Error, result.Alive is not null, stop.IsCancellationRequested ? null : comeback.Wait));
            await Task.Delay(comeback.Wait, _options.Time, stop).ConfigureAwait(false);
        }
    }

    private async Task<LinkResult> ConnectOnceAsync(PushInbox inbox, Uri endpoint, string? token, CancellationToken stop)
    {
        using VehicleLink link = new(_options, _known, _reported, inbox, _messages, _pingInterval);
        _link = link;
        LinkResult result;
        try
        {
            result = await link.RunAsync(endpoint, token, stop).ConfigureAwait(false);
        }
        finally
        {
            _link = null;
        }

        _pingInterval = link.PingInterval;
        try
        {
            await _known.ConnectionEndedAsync(KeepAlive.DeadLinkAfter(_pingInterval), result.AcksArrived, CancellationToken.None).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            _options.OnFault?.Invoke(new VehicleFault("The store failed; after a restart some acks are sent again.", Error: e));
        }

        return result;
    }
}
