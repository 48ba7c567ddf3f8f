using System.Diagnostics.Metrics;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using PushPlatform.Delivery;
using PushPlatform.PushNode;
using PushPlatform.PushNode.Auth;
using PushPlatform.PushNode.Connections;
using PushPlatform.PushNode.Handshake;
using PushPlatform.PushNode.Telemetry;
using Shouldly;
using Xunit;

namespace PushPlatform.Tests.Unit.PushNode.Handshake;

/// <summary>Whoever takes longer over a handshake than it may is cut, byte by byte or in silence; on a manual clock.</summary>
public sealed class SlowHandshakeTests : IAsyncDisposable
{
    private readonly ManualTime _time = new();
    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();
    private readonly MeterListener _listener = new();
    private readonly List<string> _outcomes = [];
    private readonly VehicleRoom _room;
    private readonly PipeTransport _connection = new();
    private readonly Task _running;

    public SlowHandshakeTests()
    {
        VehicleIndex index = new();
        Admission admission = new(1000, 1000, _time);
        NodeOptions options = new() { Pool = new PoolName("a", "b"), Name = "n", Redis = "", RabbitMq = "", Auth = AuthMode.None };
        IMeterFactory meters = _services.GetRequiredService<IMeterFactory>();
        _room = new VehicleRoom(index, null!, null!, new TimingWheel(_time), admission, new NodeMetrics(meters, index, admission), options, _time);
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Name == "push_node_handshakes" && instrument.Meter.Scope == meters)
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<long>((_, _, tags, _) => _outcomes.Add((string)tags[0].Value!));
        _listener.Start();
        _running = new VehicleHandler(_room, new NoAuthenticator([])).ServeAsync(_connection);
    }

    [Fact]
    public async Task OneByteASecond_IsCutAfterTenSeconds()
    {
        byte[] head = Encoding.ASCII.GetBytes("GET /ws?vid=car-1 HTTP/1.1\r\nHost: h\r\n");
        for (int second = 0; second < 9; second++)
        {
            await _connection.ToNode.Writer.WriteAsync(head.AsMemory(second, 1));
            Pass(1);
            _connection.WasAborted.ShouldBeFalse();
        }

        Pass(1.2);

        _connection.WasAborted.ShouldBeTrue();
        await _running;
        _outcomes.ShouldBe(["timeout"]);
        _room.Admission.Connections.ShouldBe(0);
    }

    [Fact]
    public async Task Silence_IsCutAfterTenSeconds()
    {
        Pass(9.9);
        _connection.WasAborted.ShouldBeFalse();
        Pass(0.3);

        _connection.WasAborted.ShouldBeTrue();
        await _running;
        _outcomes.ShouldBe(["timeout"]);
    }

    [Fact]
    public async Task TheOtherSideGoes_IsLostAndNoTimeout()
    {
        await _connection.ToNode.Writer.CompleteAsync();
        await _running;
        _outcomes.ShouldBe(["lost"]);
    }

    public async ValueTask DisposeAsync()
    {
        _listener.Dispose();
        await _services.DisposeAsync();
        _connection.Dispose();
    }

    private void Pass(double seconds)
    {
        _time.Pass(TimeSpan.FromSeconds(seconds));
        _room.Wheel.Advance(fault => throw fault);
    }
}
