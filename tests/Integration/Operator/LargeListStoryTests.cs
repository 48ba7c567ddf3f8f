using System.Globalization;
using System.Text.Json.Nodes;
using PushPlatform.Delivery.Orders;
using PushPlatform.Tests.Integration.Delivery;
using PushPlatform.Tests.Integration.PushNode.Orders;
using Shouldly;
using Xunit;

namespace PushPlatform.Tests.Integration.Operator;

/// <summary>Lists that take more than a moment to read: from several ConfigMaps and from a web server.</summary>
public sealed class LargeListStoryTests(SingleRedis redis) : IClassFixture<SingleRedis>, IAsyncLifetime
{
    private const int Listed = 20_000;
    private const int Connected = 20;

    private OperatorStage _stage = null!;
    private ListServer _server = null!;
    private Car[] _cars = [];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        // The last fifth, and some that a ConfigMap has too.
        _server = await ListServer.StartAsync($"\uFEFF# The last ones\r\n{Vids(15_000, Listed)}\r\n\r\n{Vids(0, 500)}");
        _stage = await OperatorStage.StartAsync(redis);
        _stage.ListUrls = $"https://elsewhere.example/ {_server.Prefix}";
        await _stage.CreatePoolAsync();
        OrdersNode node = await _stage.AddNodeAsync("node-a");
        _cars = [.. Enumerable.Range(0, Connected).Select(i => new Car($"car-{i * (Listed / Connected)}"))];
        await TestPool.ConnectAsync(node, _cars);
        await _stage.CreateConfigMapAsync("recall-a", ("first", Vids(0, 2_500)), ("second", Vids(2_500, 5_000)));
        await _stage.CreateConfigMapAsync("recall-b", ("all", Vids(5_000, 10_000)));
        await _stage.CreateConfigMapAsync("recall-c", ("all", Vids(10_000, 15_000)), ("none", "# nothing yet\n"));
    }

    public async ValueTask DisposeAsync()
    {
        await _stage.DisposeAsync();
        await _server.DisposeAsync();
    }

    [Fact]
    public async Task TheOperatorIsKilledWhileListsAreRead_AndWhileTargetsAreWrittenDown_EachVidIsATargetOnce()
    {
        OperatorProcess first = await _stage.StartOperatorProcessAsync();
        await TestPool.UntilAsync(async () => await _stage.LeaderAsync() is not null, "the first operator leads");
        await _stage.CreateCampaignAsync(Campaign(_server.Url, _server.Sha256));
        await _stage.UntilConditionAsync("Reconciling", "ReadingLists");
        await TestPool.UntilAsync(async () => VidsRead(await MessageAsync()) > 15_000, $"half of the last list is read: {first.Log}");
        (await MessageAsync()).ShouldStartWith("reading list 4 of 4, ");
        OperatorProcess second = await ReplaceAsync(first);

        _server.GiveTheRest();
        await TestPool.UntilAsync(
            async () => (await redis.Store.Orders.ReadAsync(_stage.Pool, Token)).Orders.Any(order => order.Gate is Gate.Freeze or Gate.Open), "the targets are being written down");
        await ReplaceAsync(second);

        await _stage.UntilPhaseAsync("CatchingUp");
        (await _stage.CountAsync("targeted")).ShouldBe(Listed);
        (await _stage.CountAsync("delivered")).ShouldBe(Connected);
        _cars.ShouldAllBe(car => car.Pushes == 1);
        await _stage.AuditAsync();
    }

    [Fact]
    public async Task AListThatMayNotBeFetched_IsElsewhere_OrIsAnother_IsNamed_AndItGoesOnWhenMended()
    {
        await _stage.StartOperatorAsync();
        await _stage.CreateCampaignAsync(Campaign(_server.Url.Replace("/lists/", "/secrets/", StringComparison.Ordinal), _server.Sha256));
        await _stage.UntilConditionAsync("Stalled", "ListNotAllowed");
        await PatchListAsync($"{_server.Prefix}moved.txt", _server.Sha256);
        await _stage.UntilConditionAsync("Ready", "ListUnavailable");
        (await MessageAsync()).ShouldContain("302, and redirects are not followed");

        // While it is read an edit counts at once, and so would a hold or an abort.
        await PatchListAsync(_server.Url, new string('0', 64));
        await _stage.UntilConditionAsync("Reconciling", "ReadingLists");
        _server.GiveTheRest();
        await _stage.UntilConditionAsync("Stalled", "ListHashMismatch");
        (await MessageAsync()).ShouldStartWith($"{_server.Prefix}recall.txt has the sha256 {_server.Sha256}");
        (await redis.Store.Orders.ReadAsync(_stage.Pool, Token)).Orders.ShouldBeEmpty();

        await PatchListAsync(_server.Url, _server.Sha256);
        await _stage.UntilPhaseAsync("CatchingUp");
        (await _stage.CountAsync("targeted")).ShouldBe(Listed);
        _cars.ShouldAllBe(car => car.Pushes == 1);
    }

    [Fact]
    public async Task ABadLineInOneOfManyLists_IsNamed_NobodyIsATarget_AndAnAbortWhileReadingEndsIt()
    {
        await _stage.CreateConfigMapAsync("recall-d", ("first", Vids(0, 10)), ("second", "car-1\n\nnot a vid\n"));
        await _stage.StartOperatorAsync();
        await _stage.CreateCampaignAsync(new() { ["targets"] = JsonNode.Parse("""{"vidsFrom":[{"configMapRef":{"name":"recall-a"}},{"configMapRef":{"name":"recall-d"}}]}""") });
        await _stage.UntilConditionAsync("Stalled", "InvalidList");
        (await MessageAsync()).ShouldBe("recall-d/second line 3: 'not a vid' is not a vid or vid/device, each of 1 to 64 letters, digits and . _ : -, first a letter or digit");

        await _stage.CreateCampaignAsync(Campaign(_server.Url, _server.Sha256), "held");
        await _stage.UntilConditionAsync("Reconciling", "ReadingLists", "held");
        await _stage.PatchAsync("""{"spec":{"abort":true}}""", "held");
        await _stage.UntilPhaseAsync("Aborted", "held");
        _cars.ShouldAllBe(car => car.Pushes == 0);
    }

    private static string Vids(int from, int to) => string.Join("\r\n", Enumerable.Range(from, to - from).Select(i => $"car-{i}"));

    private static long VidsRead(string message) => message.Split(' ') is [.., string vids, "vids", "so", "far"] ? long.Parse(vids, CultureInfo.InvariantCulture) : 0;

    private static JsonObject Campaign(string url, string sha256) => new() { ["targets"] = Targets(url, sha256) };

    private static JsonObject Targets(string url, string sha256) => new()
    {
        ["vidsFrom"] = new JsonArray(
        [
            .. ((string[])["recall-a", "recall-b", "recall-c"]).Select(name => new JsonObject { ["configMapRef"] = new JsonObject { ["name"] = name } }),
            new JsonObject { ["http"] = new JsonObject { ["url"] = url, ["sha256"] = sha256 } },
        ]),
    };

    private async Task<OperatorProcess> ReplaceAsync(OperatorProcess killed)
    {
        await killed.KillAsync();
        await _stage.DropLeaseAsync();
        OperatorProcess next = await _stage.StartOperatorProcessAsync();
        await TestPool.UntilAsync(async () => await _stage.LeaderAsync() is not null, "the next operator leads");
        return next;
    }

    private Task PatchListAsync(string url, string sha256) => _stage.PatchAsync(new JsonObject { ["spec"] = new JsonObject { ["targets"] = Targets(url, sha256) } }.ToJsonString());

    private async Task<string> MessageAsync() => (await _stage.CampaignAsync())?["status"]?["message"]?.GetValue<string>() ?? "";
}
