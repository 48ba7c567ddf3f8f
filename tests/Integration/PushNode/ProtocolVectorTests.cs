using System.Text;
using System.Text.Json.Nodes;
using PushPlatform.PushNode;
using Shouldly;
using Xunit;

namespace PushPlatform.Tests.Integration.PushNode;

/// <summary>PROTOCOL.md's vectors against a node's port, byte for byte.</summary>
public sealed class ProtocolVectorTests(ProtocolVectorTests.Nodes nodes) : IClassFixture<ProtocolVectorTests.Nodes>
{
    private static readonly JsonObject Handshakes = VectorFile.Read("handshakes");
    private static readonly JsonObject Wire = VectorFile.Read("wire");

    public static TheoryData<string> HandshakeNames => new(VectorFile.Cases(Handshakes).Select(one => (string)one["name"]!));

    public static TheoryData<string> WireNames => new(VectorFile.Cases(Wire).Select(one => (string)one["name"]!));

    [Theory]
    [MemberData(nameof(HandshakeNames))]
    public async Task AHandshake_IsAnsweredAsWritten(string name)
    {
        JsonObject vector = VectorFile.Cases(Handshakes).Single(one => (string?)one["name"] == name);
        JsonObject expected = vector["expect"]!.AsObject();
        string request = string.Join("\r\n", vector["request"]!.AsArray().Select(line => (string)line!)) + "\r\n\r\n";
        using RawCar car = await RawCar.ConnectAsync(((string?)vector["auth"] == "token" ? nodes.Strict : nodes.Open).Vehicles);

        await car.SendAsync(Encoding.ASCII.GetBytes(request));
        string head = await car.ReadHeadAsync();

        head.ShouldStartWith($"HTTP/1.1 {(int)expected["status"]!} ");
        HeaderOf(head, "Sec-WebSocket-Accept").ShouldBe((string?)expected["accept"]);
        if (expected.ContainsKey("subprotocol"))
        {
            HeaderOf(head, "Sec-WebSocket-Protocol").ShouldBe((string?)expected["subprotocol"]);
        }

        foreach (JsonNode? absent in expected["absent"]?.AsArray() ?? [])
        {
            HeaderOf(head, (string)absent!).ShouldBeNull();
        }

        foreach ((string header, JsonNode? value) in expected["headers"]?.AsObject() ?? [])
        {
            HeaderOf(head, header).ShouldBe((string?)value);
        }

        if (expected["bye"] is { } bye)
        {
            (IReadOnlyList<CarFrame> before, int? code) = await car.ReadToCloseAsync();
            ((string?)before.Single().Json!["reason"]).ShouldBe((string?)bye);
            code.ShouldBe((int)expected["close"]!);
        }
    }

    [Theory]
    [MemberData(nameof(WireNames))]
    public async Task BytesFromACar_AreAnsweredAsWritten(string name)
    {
        JsonObject vector = VectorFile.Cases(Wire).Single(one => (string?)one["name"] == name);
        JsonObject expected = vector["expect"]!.AsObject();
        using RawCar car = await RawCar.ArriveAsync(nodes.Open.Vehicles, "car-" + Guid.NewGuid().ToString("N"));

        await car.SendAsync(Convert.FromHexString((string)vector["hex"]!));

        if ((string?)expected["server"] is { } answer)
        {
            byte[] bytes = Convert.FromHexString(answer);
            (await car.ReadBytesAsync(bytes.Length)).ShouldBe(bytes);
            return;
        }

        int? close = (int?)expected["close"];
        (IReadOnlyList<CarFrame> before, int? code) = await car.ReadToCloseAsync();
        code.ShouldBe(close);
        before.Select(frame => (string?)frame.Json!["reason"]).ShouldBe(close is null or 1000 ? [] : ["protocol"]);
    }

    private static string? HeaderOf(string head, string name) =>
        head.Split("\r\n").FirstOrDefault(line => line.StartsWith(name + ":", StringComparison.OrdinalIgnoreCase))?[(name.Length + 1)..].Trim();

    public sealed class Nodes : IAsyncLifetime
    {
        private readonly string _keys = Path.GetTempFileName();

        internal TestNode Open { get; private set; } = null!;

        internal TestNode Strict { get; private set; } = null!;

        public async ValueTask InitializeAsync()
        {
            string secret = ((string)Handshakes["tokenKey"]!).TrimEnd('=').Replace('+', '-').Replace('/', '_');
            await File.WriteAllTextAsync(_keys, $$"""{"keys":[{"kty":"oct","k":"{{secret}}"}]}""");
            string[] roles = [.. Handshakes["roles"]!.AsArray().Select(role => (string)role!)];
            Open = await TestNode.StartAsync(TestNode.Options with { Roles = roles });
            Strict = await TestNode.StartAsync(TestNode.Options with { Roles = roles, Auth = AuthMode.Token, AuthKeysFile = _keys });
        }

        public async ValueTask DisposeAsync()
        {
            await Open.DisposeAsync();
            await Strict.DisposeAsync();
            File.Delete(_keys);
        }
    }
}
