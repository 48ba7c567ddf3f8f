namespace PushPlatform.VehicleClient;

/// <summary>What a car is, where it connects to, and what it does with what it is told. PROTOCOL.md has the rules behind the defaults.</summary>
/// <remarks>Callbacks are not brought back to a synchronization context of the caller's: they mostly come on threads of the pool.</remarks>
public sealed class VehicleOptions
{
    /// <summary>The car's id: 1–64 characters, a letter or digit and then letters, digits and <c>. _ : -</c>.</summary>
    public required string Vid { get; init; }

    /// <summary>Which of the car's devices this is, named like a vid. Null: the default one, <c>main</c>. Matters only to pools that keep devices apart.</summary>
    public string? Device { get; init; }

    /// <summary>Where push nodes listen, e.g. <c>wss://push.example.com/ws</c>. With several, a failed attempt moves on to the next one.</summary>
    public required IReadOnlyList<Uri> Endpoints { get; init; }

    /// <summary>
    /// Called for each new notice, once per delivery id, one at a time and never on the connection's own path. What it returns is acknowledged, so it returns when the
    /// notice is in safe hands; a longer installation goes on afterwards and ends with <see cref="VehicleConnection.ReportAsync"/>. When it throws, nothing is acknowledged and the node sends
    /// the notice again. Only a crash between its return and the write to <see cref="Store"/> lets it see an id twice.
    /// </summary>
    public required Func<Push, CancellationToken, ValueTask<DeliveryReport>> OnPush { get; init; }

    /// <summary>
    /// Called when the fleet takes a notice back that the application has seen and not reported to be over, with its delivery id: one at a time, after what came before it, and never on the
    /// connection's own path. True: it is forgotten and will not be installed. False: it is too late, or not known yet; then <see cref="VehicleConnection.ReportAsync"/> says what became of
    /// it. It may come again. Null: nothing is forgotten.
    /// </summary>
    public Func<string, CancellationToken, ValueTask<bool>>? OnCancel { get; init; }

    /// <summary>Called once per connection, as soon as the node has said how many pushes will now come. This is the answer to "is there anything for me?": never ask the patch server. Must not block.</summary>
    public Action<VehicleSession>? OnConnected { get; init; }

    /// <summary>Called after each connection or attempt, with the reason and the time until the next one. Must not block.</summary>
    public Action<VehicleDisconnect>? OnDisconnected { get; init; }

    /// <summary>
    /// Called for each message from a service, once per id as far as the last 256 are concerned, one at a time and never on the connection's own path. While 16 wait for it, more are dropped:
    /// messages come at most once. Null: all are skipped.
    /// </summary>
    public Func<DirectMessage, CancellationToken, ValueTask>? OnMessage { get; init; }

    /// <summary>Called for every copy of a push that arrives, with its delivery id, known or not. For diagnosis. Must not block.</summary>
    public Action<string>? OnCopy { get; init; }

    /// <summary>Called with whatever went wrong without ending the connection: a throwing <see cref="OnPush"/>, a store that cannot write, an <c>error</c> frame. Must not block.</summary>
    public Action<VehicleFault>? OnFault { get; init; }

    /// <summary>Gives the bearer token for the next attempt, or null for none. After "unauthorized" the car stays away until this gives another one.</summary>
    public Func<CancellationToken, ValueTask<string?>>? Token { get; init; }

    /// <summary>
    /// What the connection is for: one of the pool's roles that the token grants, 1–32 lower-case letters, digits and <c>-</c>. It and the token then go into the path, so a
    /// proxy's log may hold them. In a pool without tokens <see cref="Token"/> stays null and the vid is sent in the token's place. Null: none.
    /// </summary>
    public string? Role { get; init; }

    /// <summary>What is reported as the car's labels: at most 16, see PROTOCOL.md §4. Null: nothing is reported, and the node keeps what it knows.</summary>
    public IReadOnlyDictionary<string, string>? Labels { get; init; }

    /// <summary>Where the car is at the start, if it knows.</summary>
    public VehiclePosition? Position { get; init; }

    /// <summary>Where delivery ids and unsent acks survive a restart. The default forgets them with the process: see <see cref="FileDeliveryStore"/>.</summary>
    public IDeliveryStore Store { get; init; } = new InMemoryDeliveryStore();

    /// <summary>How many delivery ids are known at most, 16–65536. When one more comes, the oldest whose ack is certain to have arrived is forgotten, or else the oldest.</summary>
    public int KnownDeliveries { get; init; } = 256;

    /// <summary>Upper end of the first random wait; doubles with each attempt.</summary>
    public TimeSpan FirstBackoff { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Upper end of every random wait.</summary>
    public TimeSpan MaxBackoff { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>How long a TCP, TLS and WebSocket handshake may take together.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How often the node is expected to ping before the first <c>welcome</c> has said so; afterwards that counts. A link that was silent for three times as long is dead.</summary>
    public TimeSpan PingInterval { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>The clock for waits. The WebSocket library's own keep-alive runs on the system's clock.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>Randomness for jitter: a number in [0, 1).</summary>
    public Func<double> NextRandom { get; init; } = Random.Shared.NextDouble;

    /// <summary>The HTTP handler for the handshake, for source addresses, proxies or client certificates; it is not disposed. Null: the library's default.</summary>
    public HttpMessageInvoker? Invoker { get; init; }

    internal void Validate()
    {
        ProtocolRules.RequireName(Vid, nameof(Vid));
        if (Device is not null)
        {
            ProtocolRules.RequireName(Device, nameof(Device));
        }

        ProtocolRules.RequireRole(Role);
        ProtocolRules.RequireLabels(Labels);
        ArgumentOutOfRangeException.ThrowIfZero(Endpoints.Count, nameof(Endpoints));
        ArgumentOutOfRangeException.ThrowIfLessThan(KnownDeliveries, ProtocolRules.MaxSeen, nameof(KnownDeliveries));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(KnownDeliveries, 65536, nameof(KnownDeliveries));
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(FirstBackoff, TimeSpan.Zero, nameof(FirstBackoff));
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxBackoff, FirstBackoff, nameof(MaxBackoff));
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(ConnectTimeout, TimeSpan.Zero, nameof(ConnectTimeout));
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(PingInterval, TimeSpan.Zero, nameof(PingInterval));
    }
}
