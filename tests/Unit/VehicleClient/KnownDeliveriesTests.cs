using PushPlatform.Tests.Unit.Time;
using PushPlatform.VehicleClient;
using Shouldly;
using Xunit;

namespace PushPlatform.Tests.Unit.VehicleClient;

public sealed class KnownDeliveriesTests
{
    private static readonly TimeSpan DeadLink = TimeSpan.FromSeconds(15);

    private readonly ManualTimeProvider _time = new();
    private readonly InMemoryDeliveryStore _store = new();

    [Fact]
    public async Task Record_ReceivedAfterAFinalStatus_ChangesNothing()
    {
        KnownDeliveries known = await LoadAsync();
        await known.RecordAsync("c#1", DeliveryReport.Installed, 0, default);
        await known.RecordAsync("c#1", DeliveryReport.Received, 0, default);

        known.TakeOwed().ShouldBe(new DeliveryRecord("c#1", DeliveryStatus.Installed));
        known.TakeOwed().ShouldBeNull();
    }

    [Theory]
    [InlineData(DeliveryStatus.Failed, true)]
    [InlineData(DeliveryStatus.Rejected, true)]
    [InlineData(DeliveryStatus.Received, false)]
    [InlineData(DeliveryStatus.Installed, false)]
    public async Task OweAgain_OfARetry_WhatDidNotGoWellIsAsGoodAsNew_OnceARound(DeliveryStatus status, bool isNew)
    {
        KnownDeliveries known = await LoadAsync();
        await known.RecordAsync("c#1", new DeliveryReport(status), 0, default);

        known.OweAgain("c#1", retry: 1).ShouldBe(!isNew);
        known.OweAgain("c#1", retry: 1).ShouldBe(!isNew, "the application has it in hand");
        known.TakeOwed().ShouldBe(isNew ? null : new DeliveryRecord("c#1", status), "what was said before is over");
        await known.RecordAsync("c#1", DeliveryReport.Received, 0, default);
        known.OweAgain("c#1", retry: 1).ShouldBeTrue("it has acted on this round");
        known.TakeOwed().ShouldBe(new DeliveryRecord("c#1", isNew ? DeliveryStatus.Received : status, Retry: isNew ? 1 : 0));
    }

    [Fact]
    public async Task OweAgain_FirstHeardOfInARetry_IsNotActedOnTwiceInThatRound()
    {
        KnownDeliveries known = await LoadAsync();
        known.OweAgain("c#1", retry: 1).ShouldBeFalse();
        await known.RecordAsync("c#1", new DeliveryReport(DeliveryStatus.Failed), 1, default);

        known.OweAgain("c#1", retry: 1).ShouldBeTrue("it has acted on this round");
        known.OweAgain("c#1", retry: 2).ShouldBeFalse();
    }

    [Fact]
    public async Task OweAgain_AfterARestart_KnowsTheRoundThatItActedOn()
    {
        KnownDeliveries known = await LoadAsync();
        await known.RecordAsync("c#1", new DeliveryReport(DeliveryStatus.Failed), 0, default);
        known.OweAgain("c#1", retry: 2).ShouldBeFalse();
        await known.RecordAsync("c#1", new DeliveryReport(DeliveryStatus.Failed), 0, default);

        KnownDeliveries restarted = await LoadAsync();
        restarted.OweAgain("c#1", retry: 2).ShouldBeTrue();
        restarted.OweAgain("c#1", retry: 3).ShouldBeFalse();
    }

    [Fact]
    public async Task Full_ForgetsTheOldestConfirmedFirstAndThenTheOldest()
    {
        KnownDeliveries known = await LoadAsync(capacity: 3);
        await known.RecordAsync("c#1", DeliveryReport.Received, 0, default);
        await known.RecordAsync("c#2", DeliveryReport.Received, 0, default);
        known.TakeOwed();
        known.TakeOwed();
        await known.RecordAsync("c#3", DeliveryReport.Received, 0, default);
        _time.Advance(TimeSpan.FromSeconds(16));
        await known.ConnectionEndedAsync(DeadLink, allArrived: false, default);
        await known.RecordAsync("c#1", DeliveryReport.Installed, 0, default);

        await known.RecordAsync("c#4", DeliveryReport.Received, 0, default);
        known.OweAgain("c#2", retry: 0).ShouldBeFalse("the only one that was confirmed");
        await known.RecordAsync("c#5", DeliveryReport.Received, 0, default);
        known.OweAgain("c#1", retry: 0).ShouldBeFalse("the oldest");
        known.OweAgain("c#3", retry: 0).ShouldBeTrue();
    }

    [Fact]
    public async Task ConnectionEnded_AckYoungerThanADeadLink_IsOwedAgain()
    {
        KnownDeliveries known = await LoadAsync();
        await known.RecordAsync("old#1", DeliveryReport.Installed, 0, default);
        known.TakeOwed();
        _time.Advance(TimeSpan.FromSeconds(10));
        await known.RecordAsync("young#1", DeliveryReport.Installed, 0, default);
        known.TakeOwed();
        _time.Advance(TimeSpan.FromSeconds(10));

        await known.ConnectionEndedAsync(DeadLink, allArrived: false, default);

        known.TakeOwed()!.Delivery.ShouldBe("young#1");
        known.TakeOwed().ShouldBeNull();
    }

    [Fact]
    public async Task TakeSeen_ReceivedCountsAsAckedButInstalledNeedsAFrame()
    {
        KnownDeliveries known = await LoadAsync();
        await known.RecordAsync("c#1", DeliveryReport.Received, 0, default);
        await known.RecordAsync("c#2", DeliveryReport.Installed, 0, default);

        known.TakeSeen(16, 4096).ShouldBe(["c#2", "c#1"]);

        known.TakeOwed()!.Delivery.ShouldBe("c#2");
        known.TakeOwed().ShouldBeNull();
    }

    [Fact]
    public async Task TakeSeen_MoreThanFit_NamesTheUncertainAndTheNewest()
    {
        KnownDeliveries known = await LoadAsync();
        for (int i = 0; i < 20; i++)
        {
            await known.RecordAsync($"c#{i}", DeliveryReport.Received, 0, default);
            known.TakeOwed();
        }

        _time.Advance(TimeSpan.FromSeconds(16));
        await known.ConnectionEndedAsync(DeadLink, allArrived: false, default);
        await known.RecordAsync("c#3", DeliveryReport.Installed, 0, default);

        known.TakeSeen(16, 4096).ShouldBe(["c#3", .. Enumerable.Range(5, 15).Reverse().Select(i => $"c#{i}")]);
        known.TakeSeen(16, 2 * VehicleFrames.SizeInArray("c#19")).ShouldBe(["c#3", "c#19"]);
    }

    [Fact]
    public void Hello_WithTheLargestOfEverything_FitsIntoItsLimit()
    {
        Dictionary<string, string> labels = Enumerable.Range(10, 16).ToDictionary(i => i + new string('n', 61), _ => new string('v', 63));
        VehiclePosition position = new(-89.12345678901234, -179.12345678901234, DateTimeOffset.MaxValue);

        int length = VehicleFrames.Hello(new string('v', 64), new string('d', 64), labels, position, max =>
        {
            List<string> seen = [];
            while ((max -= VehicleFrames.SizeInArray(new string('"', 200))) >= 0)
            {
                seen.Add(new string('"', 200));
            }

            seen.Count.ShouldBeGreaterThan(0);
            return seen;
        }).Length;

        length.ShouldBeInRange(3600, 4096);
    }

    [Fact]
    public async Task Store_ManyReports_IsCompactedAndKnowsTheSameAfterARestart()
    {
        KnownDeliveries known = await LoadAsync(capacity: 16);
        for (int i = 0; i < 100; i++)
        {
            await known.RecordAsync($"c#{i}", DeliveryReport.Received, 0, default);
        }

        (await _store.LoadAsync(default)).Count.ShouldBeLessThanOrEqualTo(32);
        KnownDeliveries restarted = await LoadAsync(capacity: 16);
        restarted.TakeSeen(16, 4096).ShouldBe(known.TakeSeen(16, 4096));
    }

    private async Task<KnownDeliveries> LoadAsync(int capacity = 256)
    {
        KnownDeliveries known = new(_store, capacity, _time);
        await known.LoadAsync(default);
        return known;
    }
}
