using System.Collections.Concurrent;
using System.Threading.Channels;
using PushPlatform.Tests.Unit.Time;
using PushPlatform.VehicleClient;

namespace PushPlatform.Tests.Unit.VehicleClient;

/// <summary>A car that writes down what happens to it. Its clock stands still; its randomness is fixed.</summary>
internal sealed class TestCar : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly Channel<VehicleSession> _connected = Channel.CreateUnbounded<VehicleSession>();
    private readonly Channel<VehicleDisconnect> _disconnected = Channel.CreateUnbounded<VehicleDisconnect>();
    private readonly Channel<VehicleFault> _faults = Channel.CreateUnbounded<VehicleFault>();
    private readonly Channel<Push> _handled = Channel.CreateUnbounded<Push>();
    private readonly Task _running;

    internal TestCar(
        FakeNode node,
        double random = 0,
        IDeliveryStore? store = null,
        Func<string, ValueTask<DeliveryReport>>? onPush = null,
        Func<string?>? token = null,
        TimeSpan? pingInterval = null,
        IReadOnlyDictionary<string, string>? labels = null,
        string? device = null,
        string? role = null,
        Action<DirectMessage>? onMessage = null,
        Func<string, bool>? onCancel = null)
    {
        Connection = new VehicleConnection(new VehicleOptions
        {
            Vid = "car-1",
            Device = device,
            Endpoints = [node.Endpoint],
            Role = role,
            Labels = labels,
            Store = store ?? new InMemoryDeliveryStore(),
            Time = Time,
            NextRandom = () => random,
            PingInterval = pingInterval ?? TimeSpan.FromSeconds(5),
            Token = token is null ? null : _ => ValueTask.FromResult(token()),
            OnConnected = session => _connected.Writer.TryWrite(session),
            OnDisconnected = end => _disconnected.Writer.TryWrite(end),
            OnFault = fault => _faults.Writer.TryWrite(fault),
            OnMessage = onMessage is null ? null : (message, _) =>
            {
                onMessage(message);
                return ValueTask.CompletedTask;
            },
            OnCancel = onCancel is null ? null : (delivery, _) => ValueTask.FromResult(onCancel(delivery)),
            OnCopy = Copies.Add,
            OnPush = (push, _) =>
            {
                _handled.Writer.TryWrite(push);
                return onPush?.Invoke(push.Delivery) ?? ValueTask.FromResult(DeliveryReport.Received);
            },
        });
        _running = Connection.RunAsync(_stop.Token);
    }

    internal ManualTimeProvider Time { get; } = new();

    internal VehicleConnection Connection { get; }

    internal ConcurrentBag<string> Copies { get; } = [];

    internal int HandledCount => _handled.Reader.Count;

    internal async Task<VehicleSession> ConnectedAsync() => await _connected.Reader.ReadAsync();

    internal async Task<VehicleDisconnect> DisconnectedAsync() => await _disconnected.Reader.ReadAsync();

    internal async Task<VehicleFault> FaultAsync() => await _faults.Reader.ReadAsync();

    internal async Task<Push> HandledAsync() => await _handled.Reader.ReadAsync();

    /// <summary>Waits for the end of a connection, and then lets the time until the next attempt pass.</summary>
    internal async Task<VehicleDisconnect> ComeBackAsync()
    {
        VehicleDisconnect end = await DisconnectedAsync();
        await PassAsync(end.ReconnectIn!.Value);
        return end;
    }

    /// <summary>Lets a time pass that the car waits for.</summary>
    internal async Task PassAsync(TimeSpan wait)
    {
        if (wait > TimeSpan.Zero)
        {
            await Time.UntilSomebodyWaitsAsync(wait);
            Time.Advance(wait);
        }
    }

    /// <summary>Asks the car to leave; the node has to answer its close frame.</summary>
    internal Task StopAsync()
    {
        _stop.Cancel();
        return _running;
    }

    public async ValueTask DisposeAsync()
    {
        Task stopped = StopAsync();
        while (!stopped.IsCompleted)
        {
            // Nobody answers the close frame any more: let its deadline pass.
            Time.Advance(TimeSpan.FromSeconds(6));
            await Task.Yield();
        }

        await stopped;
        Connection.Dispose();
        _stop.Dispose();
    }
}
