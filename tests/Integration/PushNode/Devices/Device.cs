using System.Collections.Concurrent;
using System.Net;
using PushPlatform.VehicleClient;

namespace PushPlatform.Tests.Integration.PushNode.Devices;

/// <summary>One device of a car, on the client library and a real socket. Acks what it is told, once it may.</summary>
internal sealed class Device : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly TaskCompletionSource _mayAck = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ConcurrentQueue<string> _copies = [];
    private readonly ConcurrentQueue<VehicleDisconnect> _ends = [];
    private readonly VehicleConnection _connection;
    private readonly Task _running;
    private volatile VehicleSession? _session;

    /// <param name="device">Null: it names none.</param>
    /// <param name="acks">False: not before <see cref="Ack"/>.</param>
    public Device(WholeNode node, string vid, string? device, bool acks = true, string model = "x7")
    {
        if (acks)
        {
            Ack();
        }

        IPEndPoint at = node.Vehicles;
        _connection = new VehicleConnection(new VehicleOptions
        {
            Vid = vid,
            Device = device,
            Endpoints = [new Uri($"ws://{at}/ws")],
            Labels = new Dictionary<string, string> { ["model"] = model },
            OnConnected = session => _session = session,
            OnDisconnected = _ends.Enqueue,
            OnCopy = _copies.Enqueue,
            OnPush = async (_, cancel) =>
            {
                await _mayAck.Task.WaitAsync(cancel);
                return DeliveryReport.Received;
            },
        });
        _running = _connection.RunAsync(_stop.Token);
    }

    /// <summary>Every copy of every push, by delivery id.</summary>
    public IReadOnlyList<string> Copies => [.. _copies];

    /// <summary>Its connections that have ended.</summary>
    public IReadOnlyList<VehicleDisconnect> Ends => [.. _ends];

    public bool IsConnected => _connection.IsConnected && _session is not null;

    public void Ack() => _mayAck.TrySetResult();

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running;
        _connection.Dispose();
        _stop.Dispose();
    }
}
