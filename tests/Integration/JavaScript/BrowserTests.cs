using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;
using PushPlatform.Delivery.Orders;
using PushPlatform.PushNode;
using PushPlatform.PushNode.Connections;
using PushPlatform.PushNode.Protocol;
using PushPlatform.Tests.Integration.Delivery;
using PushPlatform.Tests.Integration.PushNode;
using PushPlatform.Tests.Integration.PushNode.Orders;
using Shouldly;
using Xunit;

namespace PushPlatform.Tests.Integration.JavaScript;

/// <summary>The JavaScript client in a real browser, at a real node, in a campaign on a real Redis.</summary>
[Collection(SingleRedisGroup.Name)]
public sealed class BrowserTests(SingleRedis redis) : IAsyncLifetime
{
    private readonly byte[] _secret = new byte[32];
    private readonly string _keys = Path.GetTempFileName();
    private TestPool _pool = null!;
    private WholeNode _node = null!;

    public async ValueTask InitializeAsync()
    {
        await File.WriteAllTextAsync(_keys, $$"""{"keys":[{"kty":"oct","k":"{{Base64UrlEncoder.Encode(_secret)}}"}]}""");
        _pool = await TestPool.StartAsync(redis.ConnectionString);
        _node = await WholeNode.StartAsync(_pool, redis.ConnectionString, TestNode.Options with { Auth = AuthMode.Token, AuthKeysFile = _keys });
    }

    public async ValueTask DisposeAsync()
    {
        await _node.DisposeAsync();
        await _pool.DisposeAsync();
        File.Delete(_keys);
    }

    [Fact]
    public async Task ACarInABrowser_IsToldOnce_WhateverHappensToItsLinkAndPage()
    {
        Order order = await _pool.OpenAsync(await _pool.FreezeListAsync(TestPool.NewOrder(change: order => order with { Notice = Notice }), [new Car("car-1")]));
        await using Browser browser = await OpenAsync(TokenOf("car-1"));

        await UntilToldAsync(browser, 2);
        browser.Told.ShouldBe(["""{"connected":1}""", """{"push":"hotfix#1","version":"1"}"""]);
        await _pool.UntilDeliveredAsync(order, 1);

        // Its link is cut off: it comes back by itself and is sent another copy.
        _node.Index.Find("car-1")!.Close(CloseReason.Slow);
        await UntilToldAsync(browser, 4);
        browser.Told.Skip(2).ShouldBe(["""{"disconnected":"slow"}""", """{"connected":0}"""]);
        await SendAnotherCopyAsync();

        // The page is loaded anew: what it knows lies in the browser's storage.
        IVehicleLink before = _node.Index.Find("car-1")!;
        browser.Reload();
        await Eventually.BeTrueAsync(() => _node.Index.Find("car-1") is { } link && link != before, $"the page came back: {browser.Log()}");
        await UntilToldAsync(browser, 5);
        await SendAnotherCopyAsync();
        browser.Told.Count(told => told.Contains("push", StringComparison.Ordinal)).ShouldBe(1);
        await _pool.AuditAsync(order, 1);
    }

    [Fact]
    public async Task ACarWithATokenOfAnother_IsNotLetIn()
    {
        await using Browser browser = await OpenAsync(TokenOf("car-2"));

        await UntilToldAsync(browser, 1);

        browser.Told.ShouldBe(["""{"disconnected":"unauthorized"}"""]);
        _node.Index.Count.ShouldBe(0);
    }

    private static string Notice => """{"type":"push","delivery":"hotfix#1","campaign":"hotfix","patch":{"id":"p","version":"1"}}""";

    private static Task UntilToldAsync(Browser browser, int number) =>
        Eventually.BeTrueAsync(() => browser.Told.Count >= number, $"{number} things were told: {string.Join(' ', browser.Told)} {browser.Log()}");

    private Task<Browser> OpenAsync(string token) => Browser.OpenAsync(new Uri($"ws://{_node.Vehicles}/ws"), "car-1", token);

    private string TokenOf(string vid) => new JsonWebTokenHandler().CreateToken(new SecurityTokenDescriptor
    {
        Claims = new Dictionary<string, object> { ["sub"] = vid },
        Expires = TimeProvider.System.GetUtcNow().UtcDateTime.AddHours(1),
        SigningCredentials = new SigningCredentials(new SymmetricSecurityKey(_secret), SecurityAlgorithms.HmacSha256),
    });

    /// <summary>Sends the notice again and a question after it, whose answer shows that the copy was taken.</summary>
    private async Task SendAnotherCopyAsync()
    {
        using HttpClient http = new();
        long acks = await AcksAsync(http);
        _node.Index.Find("car-1")!.TrySend(WireFrame.Text(Notice)).ShouldBeTrue();
        long now = acks;
        while (now == acks)
        {
            await Task.Delay(20, TestContext.Current.CancellationToken);
            now = await AcksAsync(http);
        }
    }

    private async Task<long> AcksAsync(HttpClient http)
    {
        string metrics = await http.GetStringAsync(new Uri($"http://{_node.Health}/metrics"), TestContext.Current.CancellationToken);
        string? line = metrics.Split('\n').FirstOrDefault(line => line.StartsWith("push_node_frames_received_total{kind=\"ack\"}", StringComparison.Ordinal));
        return line is null ? 0 : long.Parse(line.Split(' ')[1], System.Globalization.CultureInfo.InvariantCulture);
    }
}
