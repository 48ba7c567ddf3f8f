using System.Buffers;
using System.Buffers.Binary;
using System.Diagnostics.Metrics;
using System.IO.Pipelines;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using PushPlatform.Delivery;
using PushPlatform.PushNode;
using PushPlatform.PushNode.Connections;
using PushPlatform.PushNode.Handshake;
using PushPlatform.PushNode.Protocol;
using PushPlatform.PushNode.Telemetry;
using Shouldly;
using Xunit;

namespace PushPlatform.Tests.Unit.PushNode.Connections;

/// <summary>A connection over pipes and a manual clock: everything about its times.</summary>
public sealed class NodeConnectionTests : IAsyncDisposable
{
    private readonly ManualTime _time = new();
    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();
    private readonly Events _events = new();
    private readonly VehicleRoom _room;
    private readonly PipeTransport _transport = new();
    private readonly VehicleConnection _connection;
    private readonly Task _running;

    public NodeConnectionTests()
    {
        VehicleIndex index = new();
        Admission admission = new(1000, 1000, _time);
        NodeOptions options = new() { Pool = new PoolName("a", "b"), Name = "n", Redis = "", RabbitMq = "", Auth = AuthMode.None };
        _room = new VehicleRoom(
            index, _events, _events, new TimingWheel(_time), admission, new NodeMetrics(_services.GetRequiredService<IMeterFactory>(), index, admission), options, _time);
        _connection = new VehicleConnection("car-1", UnitId.DefaultDevice, role: null, _transport, _room);
        _running = _connection.RunAsync();
    }

    [Fact]
    public async Task NoHello_IsIdleAfterTenSeconds_NotBefore_AndIsNotPinged()
    {
        Pass(seconds: 9.9);
        _connection.TrySend(NodeFrames.Pong).ShouldBeTrue();
        Sent().ShouldBe("{\"type\":\"pong\"}");

        Pass(seconds: 0.3);

        Sent().ShouldBe("{\"type\":\"bye\",\"reason\":\"idle\"} close 4410");
        Pass(seconds: 2);
        _transport.WasAborted.ShouldBeTrue();
        await _running;
        _events.Story.ShouldBeEmpty("it never arrived");
    }

    [Fact]
    public async Task AnOpenLink_IsPingedWithinTheInterval_AndEachIntervalFromThere()
    {
        await HelloAsync();

        PassInSteps(seconds: 5.2);
        Sent().ShouldStartWith("ping");
        int pings = 0;
        for (int i = 0; i < 25; i++)
        {
            await PongAsync();
            PassInSteps(seconds: 1);
            pings += Sent() == "ping" ? 1 : 0;
        }

        pings.ShouldBe(5);
        _connection.IsOpen.ShouldBeTrue();
    }

    [Fact]
    public async Task TheTransportTakesNothing_IsSlowAfterTenSeconds_AndIsOutOfTheIndexOnceCut()
    {
        await HelloAsync();
        WireFrame large = WireFrame.Text(new string('p', 2000));
        _connection.TrySend(large).ShouldBeTrue("it waits in the outbox");

        // The vehicle is alive and reads nothing.
        for (int i = 0; i < 9; i++)
        {
            Pass(seconds: 1);
            await PongAsync();
        }

        _connection.IsOpen.ShouldBeTrue();
        Pass(seconds: 1.2);

        _connection.IsOpen.ShouldBeFalse();
        _connection.TrySend(large).ShouldBeFalse();
        Pass(seconds: 5.2);
        _transport.WasAborted.ShouldBeTrue();
        await _running;
        _events.Story.ShouldBe(["arrived", "left"]);
        _room.Index.Count.ShouldBe(0);
    }

    [Fact]
    public async Task TheOutboxIsFull_TheFrameIsRefused_AndTheVehicleIsCut()
    {
        await HelloAsync();
        WireFrame large = WireFrame.Text(new string('p', 2000));

        int taken = 0;
        while (_connection.TrySend(large))
        {
            taken++;
        }

        taken.ShouldBe(Outbox.MaxFrames);
        _connection.IsOpen.ShouldBeFalse();
        string sent = Sent();
        sent.Split(new string('p', 2000)).Length.ShouldBe(taken + 1, "what was taken arrives, in full");
        sent.ShouldEndWith("{\"type\":\"bye\",\"reason\":\"slow\"} close 4408");
    }

    [Fact]
    public async Task Close_TheFirstReasonWins_AndTheEndWaitsFiveSecondsForTheVehicle()
    {
        await HelloAsync();

        _connection.Close(CloseReason.Draining, TimeSpan.FromSeconds(1.5));
        _connection.Close(CloseReason.Replaced);

        Sent().ShouldBe("{\"type\":\"bye\",\"reason\":\"draining\",\"reconnectAfterMs\":1500} close 1012");
        Pass(seconds: 4.9);
        _transport.WasAborted.ShouldBeFalse();
        Pass(seconds: 0.3);
        _transport.WasAborted.ShouldBeTrue();
        await _running;
    }

    [Fact]
    public async Task AnAckBetweenByeAndClose_StillCounts_APositionDoesNot()
    {
        await HelloAsync();
        _connection.Close(CloseReason.Draining);

        await SendAsync(0x81, """{"type":"ack","delivery":"c#1","status":"received"}"""u8);
        await SendAsync(0x81, """{"type":"position","position":{"lat":1,"lon":2}}"""u8);
        await SendAsync(0x88, [0x03, 0xF4]);
        await _running;

        _events.Story.ShouldBe(["arrived", "acked c#1", "left"]);
    }

    [Fact]
    public async Task AfterAViolation_NothingCounts_ButTheInputIsReadToItsEnd()
    {
        await HelloAsync();

        await SendAsync(0xC1, "{}"u8);
        await SendAsync(0x81, """{"type":"ack","delivery":"c#1","status":"received"}"""u8);
        Sent().ShouldBe("{\"type\":\"bye\",\"reason\":\"protocol\"} close 1002");
        _running.IsCompleted.ShouldBeFalse();
        await _transport.ToNode.Writer.CompleteAsync();
        await _running;

        _events.Story.ShouldBe(["arrived", "left"]);
    }

    [Fact]
    public async Task HelloWhileTheNodeDrains_IsSentAway()
    {
        _room.Admission.BeginDrain();

        await HelloAsync();

        _connection.IsOpen.ShouldBeFalse();
        Sent().ShouldContain("\"reason\":\"draining\"");
    }

    public async ValueTask DisposeAsync()
    {
        await _transport.ToNode.Writer.CompleteAsync();
        await _transport.ToCar.Reader.CompleteAsync();
        await _running;
        await _services.DisposeAsync();
        _transport.Dispose();
    }

    private async Task HelloAsync() => await SendAsync(0x81, """{"type":"hello","vid":"car-1"}"""u8.ToArray());

    private async Task PongAsync() => await SendAsync(0x8A, []);

    /// <summary>The pipe's reader runs inline: when this returns the node has acted on it.</summary>
    private async Task SendAsync(byte first, ReadOnlyMemory<byte> payload) => await _transport.ToNode.Writer.WriteAsync(Frames.Masked(first, payload.Span));

    private Task SendAsync(byte first, ReadOnlySpan<byte> payload) => SendAsync(first, (ReadOnlyMemory<byte>)payload.ToArray());

    private void Pass(double seconds)
    {
        _time.Pass(TimeSpan.FromSeconds(seconds));
        _room.Wheel.Advance(fault => throw fault);
    }

    private void PassInSteps(double seconds)
    {
        for (int step = 0; step < Math.Round(seconds * 10); step++)
        {
            Pass(0.1);
        }
    }

    /// <summary>What the node has sent since the last look, in words. The pipe's writer goes on inline: nothing more is under way.</summary>
    private string Sent()
    {
        List<byte> bytes = [];
        while (_transport.ToCar.Reader.TryRead(out ReadResult read) && !read.Buffer.IsEmpty)
        {
            bytes.AddRange(read.Buffer.ToArray());
            _transport.ToCar.Reader.AdvanceTo(read.Buffer.End);
        }

        List<string> words = [];
        for (ReadOnlySpan<byte> rest = bytes.ToArray(); rest.Length > 0;)
        {
            int header = rest[1] == 126 ? 4 : 2;
            int length = rest[1] == 126 ? BinaryPrimitives.ReadUInt16BigEndian(rest[2..]) : rest[1];
            ReadOnlySpan<byte> payload = rest.Slice(header, length);
            words.Add(rest[0] switch
            {
                0x81 => Encoding.UTF8.GetString(payload),
                0x88 => $"close {BinaryPrimitives.ReadUInt16BigEndian(payload)}",
                0x89 => "ping",
                byte other => $"{other:x}",
            });
            rest = rest[(header + length)..];
        }

        return string.Join(' ', words);
    }

    private sealed class Events : IVehicleEvents, IVehicleMessages
    {
        public List<string> Story { get; } = [];

        public void Arrived(IVehicleLink link, HelloFrame hello) => Story.Add("arrived");

        public bool Acked(IVehicleLink link, AckFrame ack)
        {
            Story.Add($"acked {ack.Delivery}");
            return true;
        }

        public void Said(IVehicleLink link, MessageFrame message) => Story.Add($"said {message.Id}");

        public ValueTask AcksAccepted(IVehicleLink link, CancellationToken cancellationToken) => ValueTask.CompletedTask;

        public void Moved(IVehicleLink link) => Story.Add("moved");

        public void Relabelled(IVehicleLink link) => Story.Add("relabelled");

        public void Left(IVehicleLink link) => Story.Add("left");
    }
}
