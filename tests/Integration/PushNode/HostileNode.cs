using System.Text;
using PushPlatform.PushNode;
using PushPlatform.PushNode.Connections;
using PushPlatform.PushNode.Protocol;
using Shouldly;
using Xunit;

namespace PushPlatform.Tests.Integration.PushNode;

/// <summary>A node that hostile cars come to, and a good car on it that has to notice nothing.</summary>
public sealed class HostileNode : IAsyncLifetime
{
    private readonly string _keys = Path.GetTempFileName();
    private int _vids;
    private int _pushes;
    private RawCar _bystander = null!;

    internal TestNode Open { get; private set; } = null!;

    /// <summary>Where tokens are wanted.</summary>
    internal TestNode Strict { get; private set; } = null!;

    public string NewVid() => $"hostile-{Interlocked.Increment(ref _vids)}";

    /// <summary>The good car is sent a push and answers, and its ping is answered.</summary>
    public async Task BystanderIsServedAsync()
    {
        string delivery = $"c#{++_pushes}";
        IVehicleLink link = Open.Index.Find("bystander")!;
        link.TrySend(WireFrame.Text($$"""{"type":"push","delivery":"{{delivery}}"}""")).ShouldBeTrue();
        ((string?)(await _bystander.ReadFrameAsync())!.Json!["delivery"]).ShouldBe(delivery);
        await _bystander.SendTextAsync($$"""{"type":"ack","delivery":"{{delivery}}","status":"received"}""");
        await _bystander.SendFrameAsync(0x89, Encoding.ASCII.GetBytes(delivery));
        CarFrame pong = (await _bystander.ReadFrameAsync())!;
        (pong.First, Encoding.ASCII.GetString(pong.Payload)).ShouldBe(((byte)0x8A, delivery));
        Open.Events.Acks.ShouldContain(ack => ack.Delivery == delivery);
    }

    public async ValueTask InitializeAsync()
    {
        string secret = ((string)VectorFile.Read("handshakes")["tokenKey"]!).TrimEnd('=').Replace('+', '-').Replace('/', '_');
        await File.WriteAllTextAsync(_keys, $$"""{"keys":[{"kty":"oct","k":"{{secret}}"}]}""");
        // No pings: whoever is silent on purpose is not taken for dead meanwhile.
        NodeOptions patient = TestNode.Options with { HeartbeatInterval = TimeSpan.FromHours(1), HeartbeatTimeout = TimeSpan.FromHours(1) };
        Open = await TestNode.StartAsync(patient);
        Strict = await TestNode.StartAsync(patient with { Auth = AuthMode.Token, AuthKeysFile = _keys });
        _bystander = await RawCar.ArriveAsync(Open.Vehicles, "bystander");
    }

    public async ValueTask DisposeAsync()
    {
        _bystander.Dispose();
        await Open.DisposeAsync();
        await Strict.DisposeAsync();
        File.Delete(_keys);
    }
}
