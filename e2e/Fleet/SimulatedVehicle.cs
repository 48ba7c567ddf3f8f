using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using PushPlatform.VehicleClient;

namespace PushPlatform.Fleet;

/// <summary>A car with the real client library, on a link that can be broken, that writes down what it saw. It forgets nothing when it is switched off and on.</summary>
public sealed class SimulatedVehicle : IAsyncDisposable
{
    private readonly Lock _gate = new();
    private readonly FleetOptions _options;
    private readonly VehicleGroup _group;
    private readonly VehiclePosition? _position;
    private readonly IPAddress? _source;
    private readonly HttpMessageInvoker _invoker;
    private readonly InMemoryDeliveryStore _store = new();
    private readonly Dictionary<string, SeenDelivery> _seen = [];
    private readonly Dictionary<string, int> _disconnects = [];
    private readonly List<VehicleStream> _streams = [];
    private VehicleConnection? _connection;
    private CancellationTokenSource? _stop;
    private TaskCompletionSource? _connected;
    private Task _running = Task.CompletedTask;
    private readonly List<DateTimeOffset> _welcomes = [];
    private readonly HashSet<string> _forgotten = [];
    private int _connects;
    private int _cutOff;

    internal SimulatedVehicle(string vid, FleetOptions options, VehicleGroup group, VehiclePosition? position, IPAddress? source)
    {
        Vid = vid;
        _options = options;
        _group = group;
        _position = position;
        _source = source;

        // A handler for each car: a shared one may give the connection that it made for one car to another.
        _invoker = new HttpMessageInvoker(new SocketsHttpHandler
        {
            UseProxy = false,
            UseCookies = false,
            AllowAutoRedirect = false,
            PooledConnectionIdleTimeout = TimeSpan.Zero,
            ConnectCallback = OpenAsync,
        });
    }

    public string Vid { get; }

    /// <summary>Whether a node has welcomed it. It may be cut off without knowing.</summary>
    public bool IsConnected => _connection is { IsConnected: true };

    /// <summary>How often a node has said how much is pending.</summary>
    public int Connects => Volatile.Read(ref _connects);

    /// <summary>How often a connection that a node had welcomed ended without a close frame, other than by switching the car off.</summary>
    public int CutOff => Volatile.Read(ref _cutOff);

    /// <summary>When nodes welcomed it.</summary>
    public IReadOnlyList<DateTimeOffset> Welcomes
    {
        get
        {
            lock (_gate)
            {
                return [.. _welcomes];
            }
        }
    }

    /// <summary>What it saw, in the order of arrival.</summary>
    public IReadOnlyList<SeenDelivery> Seen
    {
        get
        {
            lock (_gate)
            {
                return [.. _seen.Values.OrderBy(seen => seen.FirstAt)];
            }
        }
    }

    /// <summary>Deliveries that it was told to forget, and has forgotten.</summary>
    public IReadOnlySet<string> Forgotten
    {
        get
        {
            lock (_gate)
            {
                return new HashSet<string>(_forgotten);
            }
        }
    }

    /// <summary>How its connections and attempts ended, by close code, HTTP status or "broken".</summary>
    public IReadOnlyDictionary<string, int> Disconnects
    {
        get
        {
            lock (_gate)
            {
                return new Dictionary<string, int>(_disconnects);
            }
        }
    }

    /// <summary>Switches the car on, if it is off. From then on it keeps itself connected.</summary>
    public void Start()
    {
        if (_stop is not null)
        {
            return;
        }

        _stop = new CancellationTokenSource();
        _connected = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _connection = new VehicleConnection(new VehicleOptions
        {
            Vid = Vid,
            Endpoints = _options.Endpoints,
            Labels = _group.Labels,
            Position = _position,
            Store = _store,
            Time = _options.Time,
            Invoker = _invoker,
            FirstBackoff = _options.FirstBackoff,
            Token = _options.Token is null ? null : _ => ValueTask.FromResult(_options.Token(Vid)),
            OnCopy = Copied,
            OnPush = AnswerAsync,
            OnCancel = ForgetAsync,
            OnConnected = Connected,
            OnDisconnected = Disconnected,
        });
        _running = _connection.RunAsync(_stop.Token);
    }

    /// <summary>Completes when the car has been welcomed since it was switched on; fails when it cannot ever be.</summary>
    public async Task WhenConnectedAsync(CancellationToken cancellationToken)
    {
        Task connected = _connected?.Task ?? throw new InvalidOperationException($"{Vid} is switched off.");
        Task first = await Task.WhenAny(connected, _running).WaitAsync(cancellationToken);
        await first;
        if (!connected.IsCompleted)
        {
            throw new InvalidOperationException($"{Vid} was switched off before it was connected.");
        }
    }

    /// <summary>Switches the car off; it leaves with a close frame.</summary>
    public async Task StopAsync()
    {
        if (_stop is null)
        {
            return;
        }

        await _stop.CancelAsync();
        await _running;
        _connection!.Dispose();
        _stop.Dispose();
        (_stop, _connection) = (null, null);
    }

    /// <summary>Breaks the link without a close frame. The car comes back by itself, as soon as it notices and the protocol lets it.</summary>
    public void Break(LinkBreak how)
    {
        lock (_gate)
        {
            foreach (VehicleStream stream in _streams)
            {
                if (how == LinkBreak.HalfOpen)
                {
                    stream.Stall();
                }
                else
                {
                    stream.Reset();
                }
            }

            if (how == LinkBreak.Reset)
            {
                _streams.Clear();
            }
        }
    }

    /// <summary>Breaks the link without a close frame, and switches the car off.</summary>
    public async Task BreakAndStopAsync(LinkBreak how)
    {
        Break(how);
        await StopAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        Break(LinkBreak.Reset);
        _invoker.Dispose();
    }

    private async ValueTask<Stream> OpenAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken)
    {
        Socket socket = new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            if (_source is not null)
            {
                socket.Bind(new IPEndPoint(_source, 0));
            }

            await socket.ConnectAsync(context.DnsEndPoint, cancellationToken);
        }
        catch
        {
            socket.Dispose();
            throw;
        }

        VehicleStream stream = new(socket, _group.BytesPerSecond, _options.Time);
        lock (_gate)
        {
            _streams.RemoveAll(old => old.IsClosed);
            _streams.Add(stream);
        }

        return stream;
    }

    private async ValueTask<DeliveryReport> AnswerAsync(Push push, CancellationToken cancellationToken)
    {
        Count(push.Delivery, shown: 1, copies: 0);
        TimeSpan wait = _group.Answer == VehicleAnswer.Nothing ? Timeout.InfiniteTimeSpan : _group.AnswerAfter;
        if (wait != TimeSpan.Zero)
        {
            await Task.Delay(wait, _options.Time, cancellationToken);
        }

        if (_group.FailingVersion is { } failing && push.Patch.TryGetProperty("version", out JsonElement version) && version.ValueEquals(failing))
        {
            return new DeliveryReport(DeliveryStatus.Failed, "Simulated");
        }

        return _group.Answer switch
        {
            VehicleAnswer.Installed => DeliveryReport.Installed,
            VehicleAnswer.Rejected => new DeliveryReport(DeliveryStatus.Rejected, "Simulated"),
            VehicleAnswer.Failed => new DeliveryReport(DeliveryStatus.Failed, "Simulated"),
            _ => DeliveryReport.Received,
        };
    }

    private ValueTask<bool> ForgetAsync(string delivery, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            _forgotten.Add(delivery);
        }

        return ValueTask.FromResult(true);
    }

    private void Copied(string delivery)
    {
        _options.OnCopy?.Invoke(Vid, delivery);
        Count(delivery, shown: 0, copies: 1);
    }

    private void Count(string delivery, int shown, int copies)
    {
        lock (_gate)
        {
            SeenDelivery seen = _seen.GetValueOrDefault(delivery) ?? new SeenDelivery(delivery, _options.Time.GetUtcNow(), 0, 0);
            _seen[delivery] = seen with { Shown = seen.Shown + shown, Copies = seen.Copies + copies };
        }
    }

    private void Connected(VehicleSession session)
    {
        Interlocked.Increment(ref _connects);
        lock (_gate)
        {
            _welcomes.Add(_options.Time.GetUtcNow());
        }
        _connected?.TrySetResult();
    }

    private void Disconnected(VehicleDisconnect end)
    {
        if (end is { WasWelcomed: true, CloseCode: null, ReconnectIn: not null })
        {
            Interlocked.Increment(ref _cutOff);
        }

        string how = end.CloseCode?.ToString() ?? (end.HttpStatus is { } status ? $"HTTP {(int)status}" : "broken");
        lock (_gate)
        {
            _disconnects[how] = _disconnects.GetValueOrDefault(how) + 1;
        }
    }
}
