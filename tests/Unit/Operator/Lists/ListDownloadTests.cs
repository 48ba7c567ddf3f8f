using System.Net;
using System.Security.Cryptography;
using System.Text;
using PushPlatform.Delivery;
using PushPlatform.Operator.Api;
using PushPlatform.Operator.Campaigns;
using PushPlatform.Operator.Campaigns.Lists;
using PushPlatform.Tests.Unit.Time;
using Shouldly;
using Xunit;

namespace PushPlatform.Tests.Unit.Operator.Lists;

public sealed class ListDownloadTests
{
    private const string Url = "https://files.example.com/recalls/may.txt?key=secret";

    private readonly ManualTimeProvider _time = new();
    private readonly List<string> _vids = [];
    private readonly List<string> _bad = [];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task ReadAsync_TheRightList_IsReadToItsEnd()
    {
        byte[] list = [.. Encoding.UTF8.GetPreamble(), .. "# May\r\ncar-1\r\ncar-2/left"u8];

        (await ReadAsync(ScriptedServer.Giving(list), Sha256(list))).ShouldBeNull();
        _vids.ShouldBe(["car-1", "car-2/left"]);
        _bad.ShouldBeEmpty();
    }

    [Fact]
    public async Task ReadAsync_AnotherList_IsNotUsed()
    {
        Obstacle obstacle = (await ReadAsync(ScriptedServer.Giving("car-1\n"u8.ToArray()), Sha256("car-2\n"u8))).ShouldNotBeNull();

        obstacle.Reason.ShouldBe(Reasons.ListHashMismatch);
        obstacle.NeedsPerson.ShouldBeTrue();
        obstacle.Message.ShouldContain(Sha256("car-1\n"u8));
    }

    [Theory]
    [InlineData(HttpStatusCode.NotFound, "404;")]
    [InlineData(HttpStatusCode.Found, "302, and redirects are not followed;")]
    [InlineData(HttpStatusCode.InternalServerError, "500;")]
    public async Task ReadAsync_AnythingButTheList_IsTriedAgain(HttpStatusCode status, string says)
    {
        Obstacle obstacle = (await ReadAsync(ScriptedServer.Saying(status), Sha256(""u8))).ShouldNotBeNull();

        obstacle.Reason.ShouldBe(Reasons.ListUnavailable);
        obstacle.NeedsPerson.ShouldBeFalse();
        obstacle.Message.ShouldContain($"the server answered {says}");
    }

    [Fact]
    public async Task ReadAsync_NotAllowed_SendsNoRequest()
    {
        using ScriptedServer server = ScriptedServer.Saying(HttpStatusCode.OK);
        using var download = new ListDownload(new HttpClient(server), ListUrls.None, _time);
        Obstacle? obstacle = await download.ReadAsync(new HttpList { Url = Url, Sha256 = Sha256(""u8) }, "list", Lines(), Token);

        obstacle!.Reason.ShouldBe(Reasons.ListNotAllowed);
        server.Requests.ShouldBe(0);
    }

    [Fact]
    public async Task ReadAsync_AServerThatNeverAnswers_IsLeftAfterItsTime()
    {
        Task<Obstacle?> reading = ReadAsync(ScriptedServer.Silent(), Sha256(""u8));
        _time.Advance(TimeSpan.FromSeconds(29));
        reading.IsCompleted.ShouldBeFalse();
        _time.Advance(TimeSpan.FromSeconds(1));

        (await reading)!.Reason.ShouldBe(Reasons.ListUnavailable);
    }

    [Fact]
    public async Task ReadAsync_AServerThatFallsSilentMidway_IsLeftAfterItsTime()
    {
        Task<Obstacle?> reading = ReadAsync(ScriptedServer.Giving(() => new RepeatedLine("car-1", 100, thenHangs: true)), Sha256(""u8));
        await _time.UntilSomebodyWaitsAsync(TimeSpan.FromSeconds(30));
        _time.Advance(TimeSpan.FromSeconds(30));

        (await reading)!.Reason.ShouldBe(Reasons.ListUnavailable);
    }

    /// <summary>It would fill memory or disk if it were gathered before it is judged.</summary>
    [Fact]
    public async Task ReadAsync_AListWithoutEnd_IsCutAtItsMost()
    {
        Obstacle? obstacle = await ReadAsync(ScriptedServer.Giving(() => new RepeatedLine($"#{new string('x', 250)}", long.MaxValue / 1000)), Sha256(""u8));

        obstacle!.Reason.ShouldBe(Reasons.InvalidList);
        obstacle.Message.ShouldContain("is larger than 128 MiB");
    }

    [Fact]
    public async Task ReadAsync_WhenItIsCalledOff_Ends()
    {
        using var stop = new CancellationTokenSource();
        using var download = new ListDownload(new HttpClient(ScriptedServer.Silent()), Allowed(), _time);
        Task<Obstacle?> reading = download.ReadAsync(new HttpList { Url = Url, Sha256 = Sha256(""u8) }, "list", Lines(), stop.Token);
        await stop.CancelAsync();

        await Should.ThrowAsync<OperationCanceledException>(() => reading);
    }

    private static string Sha256(ReadOnlySpan<byte> list) => Convert.ToHexStringLower(SHA256.HashData(list));

    private static ListUrls Allowed() => ListUrls.Read("LIST_URLS", "https://files.example.com/recalls/", []);

    private VidLines Lines() => new("list", SessionMode.PerDevice, _bad, _vids.Add);

    private async Task<Obstacle?> ReadAsync(HttpMessageHandler server, string sha256)
    {
        using var download = new ListDownload(new HttpClient(server), Allowed(), _time);
        return await download.ReadAsync(new HttpList { Url = Url, Sha256 = sha256 }, "list", Lines(), Token);
    }
}
