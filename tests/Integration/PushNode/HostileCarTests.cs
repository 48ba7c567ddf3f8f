using System.Text;
using System.Text.Json.Nodes;
using PushPlatform.PushNode.Connections;
using Shouldly;
using Xunit;

namespace PushPlatform.Tests.Integration.PushNode;

/// <summary>Every fault that PROTOCOL.md names, over a real socket: ends as written, is counted by its reason, and a good car on the same node notices nothing.</summary>
public sealed class HostileCarTests(HostileNode node) : IClassFixture<HostileNode>
{
    private static readonly JsonObject Wire = VectorFile.Read("wire");
    private static readonly JsonObject Handshakes = VectorFile.Read("handshakes");

    private const string Unknown = "push_node_frames_received_total{kind=\"unknown\"}";

    // {"type":"x"}, masked with zeros.
    private static readonly byte[] Surprise = [0x81, 0x8C, 0, 0, 0, 0, .. "{\"type\":\"x\"}"u8];

    public static TheoryData<string> WireFaults =>
        new(VectorFile.Cases(Wire).Where(one => (int?)one["expect"]!["close"] is { } code and not 1000).Select(one => (string)one["name"]!));

    public static TheoryData<string> Refused =>
        new(VectorFile.Cases(Handshakes).Where(one => (int)one["expect"]!["status"]! != 101).Select(one => (string)one["name"]!));

    public static TheoryData<string> Unauthorized =>
        new(VectorFile.Cases(Handshakes).Where(one => (string?)one["expect"]!["bye"] == "unauthorized").Select(one => (string)one["name"]!));

    [Theory]
    [MemberData(nameof(WireFaults))]
    public async Task BytesThatBreakRfc6455_EndTheCar_AndAreCounted(string name)
    {
        JsonObject vector = VectorFile.Cases(Wire).Single(one => (string?)one["name"] == name);
        using RawCar car = await RawCar.ArriveAsync(node.Open.Vehicles, node.NewVid());
        await ShouldEndAsync(car, () => car.SendAsync(Convert.FromHexString((string)vector["hex"]!)), "protocol", (int)vector["expect"]!["close"]!);
    }

    [Theory]
    [InlineData("not JSON", "nonsense")]
    [InlineData("an array", "[]")]
    [InlineData("null", "null")]
    [InlineData("two values", "{} {}")]
    [InlineData("cut off", "{\"type\":\"ping\"")]
    [InlineData("no type", "{}")]
    [InlineData("a type that is a number", "{\"type\":7}")]
    [InlineData("half a surrogate pair for a type", "{\"type\":\"\\ud800\"}")]
    [InlineData("too deep", "DEEP")]
    [InlineData("a second hello", "{\"type\":\"hello\",\"vid\":\"VID\"}")]
    [InlineData("an empty message", "")]
    public async Task MessagesThatBreakPushV1_EndTheCar_AndAreCounted(string fault, string text)
    {
        fault.ShouldNotBeEmpty();
        string vid = node.NewVid();
        using RawCar car = await RawCar.ArriveAsync(node.Open.Vehicles, vid);
        string deep = "{\"type\":\"ping\",\"x\":" + new string('[', 1500) + new string(']', 1500) + "}";
        await ShouldEndAsync(car, () => car.SendTextAsync(text.Replace("VID", vid).Replace("DEEP", deep)), "protocol", 4400);
    }

    [Theory]
    [InlineData("hello for another vid", "{\"type\":\"hello\",\"vid\":\"bystander\"}")]
    [InlineData("hello without a vid", "{\"type\":\"hello\"}")]
    [InlineData("hello with a vid that is a number", "{\"type\":\"hello\",\"vid\":7}")]
    [InlineData("an ack first", "{\"type\":\"ack\",\"delivery\":\"c#1\",\"status\":\"received\"}")]
    [InlineData("a ping first", "{\"type\":\"ping\"}")]
    [InlineData("an unknown type first", "{\"type\":\"surprise\"}")]
    public async Task AnotherFirstFrame_EndsTheCar_AndNothingOfItCounts(string fault, string text)
    {
        fault.ShouldNotBeEmpty();
        string vid = node.NewVid();
        using RawCar car = await RawCar.ConnectAsync(node.Open.Vehicles);
        await car.UpgradeAsync(vid);
        int acks = node.Open.Events.Acks.Count;
        await ShouldEndAsync(car, () => car.SendTextAsync(text), "protocol", 4400);
        node.Open.Index.Find(vid).ShouldBeNull();
        node.Open.Events.Acks.Count.ShouldBe(acks + 2, "the good car's");
    }

    [Theory]
    [InlineData("{\"type\":\"surprise\"}", "unknown", "unknown-type")]
    [InlineData("{\"type\":\"ack\"}", "skipped", "invalid-member")]
    [InlineData("{\"type\":\"ack\",\"delivery\":\"c#1\",\"status\":\"eaten\"}", "skipped", "invalid-member")]
    [InlineData("{\"type\":\"ack\",\"delivery\":\"\\u0000\",\"status\":\"received\"}", "skipped", "invalid-member")]
    [InlineData("{\"type\":\"position\",\"position\":{\"lat\":91,\"lon\":0}}", "skipped", "invalid-member")]
    [InlineData("{\"type\":\"labels\",\"labels\":[]}", "skipped", "invalid-member")]
    public async Task FramesThatDoNotCount_AreAnsweredAndCounted_AndTheCarStays(string text, string kind, string code)
    {
        string series = $"push_node_frames_received_total{{kind=\"{kind}\"}}";
        NodeScrape scrape = new(node.Open.Health);
        using RawCar car = await RawCar.ArriveAsync(node.Open.Vehicles, node.NewVid());
        long before = await scrape.ReadAsync(series);

        await car.SendTextAsync(text);

        ((string?)(await car.ReadFrameAsync())!.Json!["code"]).ShouldBe(code);
        (await scrape.ReadAsync(series)).ShouldBe(before + 1);
        await car.SendTextAsync("""{"type":"ping"}""");
        ((string?)(await car.ReadFrameAsync())!.Json!["type"]).ShouldBe("pong");
        await node.BystanderIsServedAsync();
    }

    [Theory]
    [MemberData(nameof(Refused))]
    public async Task ARequestThatIsNone_IsRefusedByName_AndCounted(string name)
    {
        JsonObject vector = VectorFile.Cases(Handshakes).Single(one => (string?)one["name"] == name);
        TestNode asked = (string?)vector["auth"] == "token" ? node.Strict : node.Open;
        int status = (int)vector["expect"]!["status"]!;
        string outcome = status switch { 404 => "not-found", 405 => "method", 426 => "version", 431 => "too-large", _ => "bad-request" };
        string series = $"push_node_handshakes_total{{outcome=\"{outcome}\"}}";
        NodeScrape scrape = new(asked.Health);
        long before = await scrape.ReadAsync(series);
        using RawCar car = await RawCar.ConnectAsync(asked.Vehicles);

        await car.SendAsync(RequestOf(vector));

        (await car.ReadHeadAsync()).ShouldStartWith($"HTTP/1.1 {status} ");
        await UntilAsync(async () => await scrape.ReadAsync(series) == before + 1, $"{series} counts it");
        await node.BystanderIsServedAsync();
    }

    [Theory]
    [MemberData(nameof(Unauthorized))]
    public async Task ATokenThatIsNone_LetsNobodyIn_AndIsCounted(string name)
    {
        JsonObject vector = VectorFile.Cases(Handshakes).Single(one => (string?)one["name"] == name);
        TestNode asked = (string?)vector["auth"] == "token" ? node.Strict : node.Open;
        NodeScrape scrape = new(asked.Health);
        long before = await scrape.ReadAsync("push_node_closes_total{code=\"4401\",reason=\"unauthorized\"}");
        using RawCar car = await RawCar.ConnectAsync(asked.Vehicles);

        await car.SendAsync(RequestOf(vector));
        await car.ReadHeadAsync();
        await car.SendTextAsync("""{"type":"hello","vid":"WVWZZZ1JZXW000001"}""");
        (IReadOnlyList<CarFrame> frames, int? code) = await car.ReadToCloseAsync();
        await car.SendCloseAsync(4401);

        code.ShouldBe(4401);
        ((string?)frames.ShouldHaveSingleItem().Json!["reason"]).ShouldBe("unauthorized");
        await UntilAsync(
            async () => await scrape.ReadAsync("push_node_closes_total{code=\"4401\",reason=\"unauthorized\"}") == before + 1, "it is counted");
        asked.Events.Story.ShouldNotContain("arrived WVWZZZ1JZXW000001");
        await node.BystanderIsServedAsync();
    }

    [Fact]
    public async Task AFloodOfFrames_IsReadAtItsRate_AndTheGoodCarIsServed()
    {
        NodeScrape scrape = new(node.Open.Health);
        using RawCar car = await RawCar.ArriveAsync(node.Open.Vehicles, node.NewVid());
        long paused = await scrape.ReadAsync("push_node_reads_paused_total");
        long received = await scrape.ReadAsync(Unknown);
        long began = TimeProvider.System.GetTimestamp();
        await car.SendAsync(Enumerable.Range(0, 600).SelectMany(_ => Surprise).ToArray());

        await UntilAsync(async () => await scrape.ReadAsync("push_node_reads_paused_total") > paused, "the flood is held up");
        await node.BystanderIsServedAsync();

        long read = await scrape.ReadAsync(Unknown) - received;
        double seconds = TimeProvider.System.GetElapsedTime(began).TotalSeconds;
        read.ShouldBeLessThanOrEqualTo(FrameBudget.Burst + 1 + (long)(seconds * FrameBudget.PerSecond));
        await UntilAsync(async () => await scrape.ReadAsync(Unknown) - received == 600, "nothing of it is lost");
    }

    [Fact]
    public async Task ACrowdThatFinishesNothing_CostsBoundedMemory_AndGivesItBack()
    {
        const int Each = 150;
        List<RawCar> crowd = [];
        NodeScrape scrape = new(node.Open.Health);
        long before = GC.GetTotalMemory(forceFullCollection: true);
        for (int i = 0; i < Each; i++)
        {
            // A head that never ends, a message that never ends, and a length that nobody has.
            crowd.Add(await RawCar.ConnectAsync(node.Open.Vehicles));
            await crowd[^1].SendAsync(Encoding.ASCII.GetBytes("GET /ws?vid=x HTTP/1.1\r\nX: " + new string('x', 8100)));
            crowd.Add(await RawCar.ArriveAsync(node.Open.Vehicles, node.NewVid()));
            await crowd[^1].SendFrameAsync(0x01, new byte[4000]);
            crowd.Add(await RawCar.ArriveAsync(node.Open.Vehicles, node.NewVid()));
            await crowd[^1].SendAsync(Convert.FromHexString("81FF7FFFFFFFFFFFFFFF00000000"));
        }

        await UntilAsync(async () => await scrape.ReadAsync("push_node_connections") >= 2 * Each, "they are there");
        await node.BystanderIsServedAsync();
        long held = GC.GetTotalMemory(forceFullCollection: true) - before;
        held.ShouldBeLessThan(3 * Each * 64 * 1024, "64 KiB for each, its side of the test included");

        crowd.ForEach(car => car.Dispose());
        await UntilAsync(async () => await scrape.ReadAsync("push_node_connections") == 1, "the good car alone is left");
        await node.BystanderIsServedAsync();
    }

    [Fact]
    public async Task Metrics_NameNoVehicle()
    {
        string vid = node.NewVid();
        using RawCar car = await RawCar.ArriveAsync(node.Open.Vehicles, vid);
        (await new NodeScrape(node.Open.Health).TextAsync()).ShouldNotContain(vid);
    }

    private async Task ShouldEndAsync(RawCar car, Func<Task> attack, string reason, int code)
    {
        string series = $"push_node_closes_total{{code=\"{code}\",reason=\"{reason}\"}}";
        NodeScrape scrape = new(node.Open.Health);
        long before = await scrape.ReadAsync(series);

        await attack();
        (IReadOnlyList<CarFrame> frames, int? closed) = await car.ReadToCloseAsync();
        await node.BystanderIsServedAsync();
        await car.SendCloseAsync(code);

        closed.ShouldBe(code);
        ((string?)frames[^1].Json!["type"], (string?)frames[^1].Json!["reason"]).ShouldBe(("bye", reason));
        car.Dispose();
        await UntilAsync(async () => await scrape.ReadAsync(series) == before + 1, $"{series} counts it");
        await node.BystanderIsServedAsync();
    }

    private static byte[] RequestOf(JsonObject vector) =>
        Encoding.ASCII.GetBytes(string.Join("\r\n", vector["request"]!.AsArray().Select(line => (string)line!)) + "\r\n\r\n");

    private static async Task UntilAsync(Func<Task<bool>> condition, string what)
    {
        for (int i = 0; !await condition(); i++)
        {
            i.ShouldBeLessThan(500, what);
            await Task.Delay(20);
        }
    }
}
