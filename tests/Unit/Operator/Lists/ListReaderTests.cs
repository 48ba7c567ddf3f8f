using System.Security.Cryptography;
using PushPlatform.Delivery;
using PushPlatform.Kubernetes.Models;
using PushPlatform.Operator.Api;
using PushPlatform.Operator.Campaigns;
using PushPlatform.Operator.Campaigns.Lists;
using PushPlatform.Tests.Unit.Time;
using Shouldly;
using Xunit;

namespace PushPlatform.Tests.Unit.Operator.Lists;

public sealed class ListReaderTests : IAsyncDisposable
{
    private static readonly VidSource Hanging = new() { Http = new HttpList { Url = "https://files.example.com/list", Sha256 = new string('0', 64) } };
    private static readonly VidSource InAMap = new() { ConfigMapRef = new ConfigMapReference { Name = "recall" } };

    private readonly ManualTimeProvider _time = new();
    private readonly ConfigMapClient _kubernetes = new();
    private readonly ScriptedServer _server = ScriptedServer.Silent();
    private readonly ListSources _sources;
    private readonly ListReader _reader;

    public ListReaderTests()
    {
        var download = new ListDownload(new HttpClient(_server), ListUrls.Read("LIST_URLS", "https://files.example.com/", []), _time);
        _sources = new ListSources(_kubernetes, download, new ListSpace());
        _reader = new ListReader(_sources, _time);
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync()
    {
        await _reader.StopAsync(CancellationToken.None);
        _sources.Dispose();
        _server.Dispose();
    }

    [Fact]
    public async Task ReadAsync_AllKeysOfAMapAndInlineVids_EachOnce()
    {
        _kubernetes.Keep("recall", ("b", "car-2\ncar-3\n"), ("a", "car-1\ncar-2"));
        PushCampaign campaign = Campaign(1, InAMap);
        campaign.Spec = campaign.Spec with { Targets = campaign.Spec.Targets with { Vids = ["car-1", "car-9"] } };
        TargetLists lists = await ReadAsync(campaign);

        UnitsOf(lists).ShouldBe(["car-1", "car-2", "car-3", "car-9"]);
        lists.Hashes.ShouldBe([ContentHash.OfList(["car-1", "car-2", "car-3"])]);
    }

    [Fact]
    public async Task ReadAsync_WhileNothingChanges_ReadsOnce_AndLooksAgainAfterAWhile()
    {
        _kubernetes.Keep("recall", ("a", "car-1"));
        TargetLists first = await ReadAsync(Campaign(1, InAMap));
        _kubernetes.Keep("recall", ("a", "car-2"));
        (await ReadAsync(Campaign(1, InAMap))).ShouldBeSameAs(first);

        _time.Advance(TimeSpan.FromSeconds(5));
        UnitsOf(await ReadAsync(Campaign(1, InAMap))).ShouldBe(["car-2"]);
        _time.Advance(TimeSpan.FromSeconds(5));
        TargetLists same = await ReadAsync(Campaign(1, InAMap));
        _time.Advance(TimeSpan.FromSeconds(5));
        (await ReadAsync(Campaign(1, InAMap))).ShouldBeSameAs(same);
    }

    [Fact]
    public async Task ReadAsync_TheSpecChanged_WhatWasReadBeforeNoLongerCounts()
    {
        _kubernetes.Keep("recall", ("a", "car-1"));
        await ReadAsync(Campaign(1, InAMap));
        _kubernetes.Keep("recall", ("a", "car-2"));

        UnitsOf(await ReadAsync(Campaign(2, InAMap))).ShouldBe(["car-2"]);
    }

    /// <summary>To let a campaign go that was looked at must not need the web server again.</summary>
    [Fact]
    public async Task ReadAsync_TheSpecChangedAndTheListsHaveNot_APinnedFileIsNotFetchedAgain()
    {
        byte[] list = "car-1\n"u8.ToArray();
        using ScriptedServer server = ScriptedServer.Giving(list);
        using var download = new ListDownload(new HttpClient(server), ListUrls.Read("LIST_URLS", "https://files.example.com/", []), _time);
        using var sources = new ListSources(_kubernetes, download, new ListSpace());
        var reader = new ListReader(sources, _time);
        VidSource file = new() { Http = Hanging.Http! with { Sha256 = Convert.ToHexStringLower(SHA256.HashData(list)) } };
        TargetLists first = await reader.ReadAsync(Campaign(1, file), SessionMode.Single, Token);

        (await reader.ReadAsync(Campaign(2, file), SessionMode.Single, Token)).ShouldBeSameAs(first);
        server.Requests.ShouldBe(1);
        await reader.ReadAsync(Campaign(2, file), SessionMode.PerDevice, Token);
        server.Requests.ShouldBe(2);
        await reader.StopAsync(Token);
    }

    [Fact]
    public async Task ReadAsync_AListThatTakesLong_LetsThePassGoOn_AndSaysHowFar()
    {
        _kubernetes.Keep("recall", ("a", "car-1\ncar-2"));
        TargetLists lists = await AfterAMomentAsync(Campaign(1, InAMap, Hanging));

        lists.Units.ShouldBeNull();
        lists.Obstacle.ShouldBeNull();
        lists.Progress.ShouldBe("reading list 2 of 2, 2 vids so far");
    }

    [Fact]
    public async Task ReadAsync_AnEditWhileItIsRead_CallsItOff()
    {
        await AfterAMomentAsync(Campaign(1, Hanging));
        _kubernetes.Keep("recall", ("a", "car-1"));

        UnitsOf(await ReadAsync(Campaign(2, InAMap))).ShouldBe(["car-1"]);
    }

    [Fact]
    public async Task ReadAsync_MoreCampaignsThanTwo_WaitTheirTurn()
    {
        await AfterAMomentAsync(Campaign(1, "uid-1", Hanging));
        await AfterAMomentAsync(Campaign(1, "uid-2", Hanging));
        _kubernetes.Keep("recall", ("a", "car-1"));
        (await AfterAMomentAsync(Campaign(1, "uid-3", InAMap))).Progress.ShouldBe("waiting for the lists of other campaigns to be read, 0 vids so far");

        await _reader.ForgetAsync("uid-1");
        UnitsOf(await ReadAsync(Campaign(1, "uid-3", InAMap))).ShouldBe(["car-1"]);
    }

    [Theory]
    [InlineData(null, "there is no ConfigMap recall in this namespace")]
    [InlineData("other", "ConfigMap recall has no key vids")]
    public async Task ReadAsync_NoList_IsSaid_AndLookedForAgain(string? key, string says)
    {
        if (key is not null)
        {
            _kubernetes.Keep("recall", (key, ""));
        }
        PushCampaign campaign = Campaign(1, new VidSource { ConfigMapKeyRef = new ConfigMapKeyReference { Name = "recall", Key = "vids" } });
        TargetLists missing = await ReadAsync(campaign);
        missing.Obstacle!.Reason.ShouldBe(Reasons.ListNotFound);
        missing.Obstacle.Message.ShouldStartWith(says);

        _kubernetes.Keep("recall", ("vids", "car-1"));
        _time.Advance(TimeSpan.FromSeconds(5));
        UnitsOf(await ReadAsync(campaign)).ShouldBe(["car-1"]);
    }

    [Fact]
    public async Task ReadAsync_NoRoomOnDisk_IsSaid_AndThereIsWhenAnotherCampaignHasStarted()
    {
        string large = string.Join('\n', Enumerable.Range(0, 100_000).Select(i => $"WVWZZZ1JZ{i:00000000}"));
        _kubernetes.Keep("recall", ("a", large));
        using var download = new ListDownload(new HttpClient(_server), ListUrls.None, _time);
        using var sources = new ListSources(_kubernetes, download, new ListSpace(bytes: 3_000_000));
        var reader = new ListReader(sources, TimeProvider.System);
        (await WhenReadAsync(reader, Campaign(1, "uid-1", InAMap))).Units.ShouldNotBeNull();
        TargetLists second = await WhenReadAsync(reader, Campaign(1, "uid-2", InAMap));
        second.Obstacle!.Reason.ShouldBe(Reasons.ListUnavailable);
        second.Obstacle.NeedsPerson.ShouldBeFalse();

        await reader.ForgetAsync("uid-1");
        (await WhenReadAsync(reader, Campaign(2, "uid-2", InAMap))).Units.ShouldNotBeNull();
        await reader.StopAsync(Token);
    }

    [Fact]
    public async Task ReadAsync_BinaryDataAmongTheKeys_IsNotPassedOver()
    {
        _kubernetes.Keep(new V1ConfigMap
        {
            Metadata = new V1ObjectMeta { Name = "recall" },
            Data = new() { ["a"] = "car-1" },
            BinaryData = new() { ["b"] = [0xff] },
        });

        (await ReadAsync(Campaign(1, InAMap))).Obstacle!.Message.ShouldBe("recall/b is binary data, no list of vids");
    }

    [Fact]
    public async Task ReadAsync_TheApiServerFails_ThePassFails_AndTheNextTriesAgain()
    {
        _kubernetes.Fault = new TimeoutException("no answer");
        await Should.ThrowAsync<TimeoutException>(() => ReadAsync(Campaign(1, InAMap)));

        _kubernetes.Fault = null;
        _kubernetes.Keep("recall", ("a", "car-1"));
        UnitsOf(await ReadAsync(Campaign(1, InAMap))).ShouldBe(["car-1"]);
    }

    private static PushCampaignSpec Spec(params VidSource[] lists) => new() { Patch = new Patch { Id = "brake", Version = "2" }, Targets = new Targets { VidsFrom = lists } };

    private static PushCampaign Campaign(long generation, params VidSource[] lists) => Campaign(generation, "uid-1", lists);

    private static PushCampaign Campaign(long generation, string uid, params VidSource[] lists) => new()
    {
        Metadata = new V1ObjectMeta { Name = "brakes", NamespaceProperty = "fleet", Uid = uid, Generation = generation },
        Spec = Spec(lists),
    };

    private static IEnumerable<string> UnitsOf(TargetLists lists) =>
        Enumerable.Range(0, VidSpool.Parts).SelectMany(lists.Units.ShouldNotBeNull(lists.Obstacle?.Message ?? lists.Progress).Read).Order(StringComparer.Ordinal);

    private Task<TargetLists> ReadAsync(PushCampaign campaign) => _reader.ReadAsync(campaign, SessionMode.PerDevice, Token);

    /// <summary>Passes until its lists are there, or something is wrong with them.</summary>
    private static async Task<TargetLists> WhenReadAsync(ListReader reader, PushCampaign campaign)
    {
        while (true)
        {
            TargetLists lists = await reader.ReadAsync(campaign, SessionMode.Single, Token);
            if (lists.Progress is null)
            {
                return lists;
            }
        }
    }

    /// <summary>A pass over a campaign whose lists are not there when it has waited its moment.</summary>
    private async Task<TargetLists> AfterAMomentAsync(PushCampaign campaign)
    {
        Task<TargetLists> pass = ReadAsync(campaign);
        _time.Advance(TimeSpan.FromMilliseconds(250));
        return await pass;
    }
}
