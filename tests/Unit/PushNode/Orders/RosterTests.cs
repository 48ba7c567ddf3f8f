using PushPlatform.Delivery;
using PushPlatform.Delivery.Ledger;
using PushPlatform.Delivery.Orders;
using PushPlatform.Delivery.Registry;
using PushPlatform.Delivery.Targeting;
using PushPlatform.PushNode.Orders;
using PushPlatform.Tests.Unit.Time;
using Shouldly;
using Xunit;

namespace PushPlatform.Tests.Unit.PushNode.Orders;

public sealed class RosterTests
{
    private readonly ManualTimeProvider _clock = new();
    private readonly Roster _roster;
    private readonly FakeLink _link = new("v1");
    private ActiveOrder _order = SampleOrders.Open().Active();

    public RosterTests() => _roster = new Roster(_clock, new RedisClock(_clock));

    [Fact]
    public void Target_WalksThroughClaimSendAndAck()
    {
        LocalVehicle vehicle = Arrive(VehicleStanding.Open);
        _roster.Count().ShouldBe((1, 1));
        LocalDelivery delivery = TakeOne();

        _roster.Claimed(_order, delivery, Granted(1)).ShouldBeTrue();
        _roster.Claimable.ShouldBe(0);
        _roster.Answered(_order, vehicle, AckStatus.Received);
        _roster.Settled(_order, vehicle, AckStatus.Received);

        _roster.Count().ShouldBe((1, 0));
    }

    [Fact]
    public void Cancelled_OneWithoutRoom_KeepsItsPlace_AndEachIsTakenOnce()
    {
        _order = (SampleOrders.Open() with { Gate = Gate.Paused, Cancels = true }).Active();
        LocalVehicle vehicle = Arrive(VehicleStanding.ToForget);
        _link.HasRoom = false;
        (_roster.Cancellable(10), _roster.TakeToCancel(10).Count, _roster.Claimable).ShouldBe((0, 0, 0));
        _link.HasRoom = true;

        LocalDelivery delivery = _roster.TakeToCancel(10).ShouldHaveSingleItem();
        _roster.NotCancelled(delivery);
        _roster.TakeToCancel(10).ShouldHaveSingleItem();
        _roster.Note(_order, vehicle, VehicleStanding.ToForget, _roster.Now);
        _roster.Cancellable(10).ShouldBe(0);
        _roster.Answered(_order, vehicle, AckStatus.Received);
        _roster.Settled(_order, vehicle, AckStatus.Cancelled);
        _roster.Count().ShouldBe((1, 0));
    }

    [Fact]
    public void NoAck_UntilTheDeadline_IsClaimedAgainWithItsAttempt()
    {
        Arrive(VehicleStanding.Open);
        _roster.Claimed(_order, TakeOne(), Granted(1));

        After(TimeSpan.FromSeconds(29.9));
        _roster.Claimable.ShouldBe(0);
        After(TimeSpan.FromSeconds(0.2));

        _roster.TakeToClaim(_order, 10).ShouldHaveSingleItem().Requests.ShouldBe([new ClaimRequest("v1", 10, 1, TakeAlong: false)]);
    }

    [Fact]
    public void NoAck_WhileTheGateWasClosed_IsNotCounted()
    {
        Arrive(VehicleStanding.Open);
        _roster.Claimed(_order, TakeOne(), Granted(1));
        _order = (SampleOrders.Open() with { Gate = Gate.Paused }).Active();
        After(TimeSpan.FromSeconds(31));
        _order = SampleOrders.Open().Active();

        _roster.TakeToClaim(_order, 10).ShouldHaveSingleItem().Requests.ShouldHaveSingleItem().Uncounted.ShouldBeTrue();
    }

    [Fact]
    public void Answered_WhileClaimingAgain_IsNotSentTo()
    {
        LocalVehicle vehicle = Arrive(VehicleStanding.Open);
        LocalDelivery delivery = TakeOne();
        _roster.Answered(_order, vehicle, AckStatus.Received);

        _roster.Claimed(_order, delivery, Granted(2)).ShouldBeFalse();
    }

    [Fact]
    public void Left_WhileClaiming_IsNotSentToAndForgotten()
    {
        LocalVehicle vehicle = Arrive(VehicleStanding.Open);
        LocalDelivery delivery = TakeOne();
        vehicle.Leave();
        _roster.Left(_order, vehicle);

        _roster.Claimed(_order, delivery, Granted(1)).ShouldBeFalse();
        _roster.Count().ShouldBe((0, 0));
    }

    [Fact]
    public void Left_BeforeALateAnswer_DoesNotComeBack()
    {
        LocalVehicle vehicle = _link.Arrive();
        vehicle.Leave();
        _roster.Left(_order, vehicle);

        _roster.Consider(vehicle, recheck: false);
        _roster.Note(_order, vehicle, VehicleStanding.Open, _roster.Now);

        _roster.TakeToLook().ShouldBeEmpty();
        _roster.Claimable.ShouldBe(0);
    }

    [Fact]
    public void Note_AnswerOlderThanWhatIsKnown_IsIgnored()
    {
        LocalVehicle vehicle = Arrive(VehicleStanding.Open);
        long asked = _roster.Now;
        After(TimeSpan.FromMilliseconds(5));
        _roster.Claimed(_order, TakeOne(), Granted(1));
        _roster.Answered(_order, vehicle, AckStatus.Received);
        _roster.Settled(_order, vehicle, AckStatus.Received);

        _roster.Note(_order, vehicle, VehicleStanding.Open, asked);

        _roster.Claimable.ShouldBe(0);
    }

    [Fact]
    public void Note_LedgerLostAnAckThatItHadTaken_IsSentAgain()
    {
        LocalVehicle vehicle = Arrive(VehicleStanding.Open);
        _roster.Claimed(_order, TakeOne(), Granted(1));
        _roster.Answered(_order, vehicle, AckStatus.Received);
        _roster.Settled(_order, vehicle, AckStatus.Received);
        After(TimeSpan.FromSeconds(30));

        _roster.Note(_order, vehicle, VehicleStanding.Open, _roster.Now);

        _roster.Claimable.ShouldBe(1);
    }

    [Fact]
    public void Settled_InstalledWhileReceivedWasStillInHand_IsFinal()
    {
        _order = (SampleOrders.Open() with { Delivery = SampleOrders.Open().Delivery with { AckLevel = AckLevel.Installed } }).Active();
        LocalVehicle vehicle = Arrive(VehicleStanding.Open);
        _roster.Claimed(_order, TakeOne(), Granted(1));
        _roster.Answered(_order, vehicle, AckStatus.Received);
        _roster.Answered(_order, vehicle, AckStatus.Received);

        _roster.Settled(_order, vehicle, AckStatus.Received);
        _roster.Count().ShouldBe((1, 1));
        _roster.Settled(_order, vehicle, AckStatus.Installed);

        _roster.Count().ShouldBe((1, 0));
    }

    [Fact]
    public void Note_AnAckThatTheLedgerHasAndNobodyHeardSo_IsFinal()
    {
        LocalVehicle vehicle = Arrive(VehicleStanding.Open);
        _roster.Claimed(_order, TakeOne(), Granted(1));
        _roster.Answered(_order, vehicle, AckStatus.Received);
        After(TimeSpan.FromSeconds(30));

        _roster.Note(_order, vehicle, VehicleStanding.Final, _roster.Now);

        _roster.Count().ShouldBe((1, 0));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Note_WhoeverHadTheClaimOrTheAckInHandLostIt_IsClaimedAgain(bool answered)
    {
        LocalVehicle vehicle = Arrive(VehicleStanding.Open);
        TakeOne();
        if (answered)
        {
            _roster.Answered(_order, vehicle, AckStatus.Received);
        }

        After(TimeSpan.FromSeconds(20));
        _roster.Note(_order, vehicle, VehicleStanding.Open, _roster.Now);
        _roster.Claimable.ShouldBe(0);
        After(TimeSpan.FromSeconds(11));
        _roster.Note(_order, vehicle, VehicleStanding.Open, _roster.Now);

        _roster.Claimable.ShouldBe(1);
    }

    [Theory]
    [InlineData(0, false, false)] // it has answered
    [InlineData(1, false, true)]
    [InlineData(0, true, false)]
    [InlineData(1, true, true)]
    public void Answered_ComesBackAndSaysThatItFailed_IsToldAllTheSameWhereThatIsTriedAgain(int retry, bool claiming, bool told)
    {
        _order = (SampleOrders.Open() with { Retry = retry }).Active();
        LocalVehicle vehicle = Arrive(VehicleStanding.Open);
        LocalDelivery? claimed = claiming ? TakeOne() : null;

        _roster.Answered(_order, vehicle, AckStatus.Failed);
        _roster.Settled(_order, vehicle, AckStatus.Failed);

        (claimed is null ? _roster.Claimable == 1 : _roster.Claimed(_order, claimed, Granted(2))).ShouldBe(told);
    }

    [Fact]
    public void Answered_FailsAgainInTheRetry_IsFinal()
    {
        _order = (SampleOrders.Open() with { Retry = 1 }).Active();
        LocalVehicle vehicle = Arrive(VehicleStanding.Open);
        _roster.Claimed(_order, TakeOne(), Granted(2));

        _roster.Answered(_order, vehicle, AckStatus.Failed);
        _roster.Settled(_order, vehicle, AckStatus.Failed);

        _roster.Count().ShouldBe((1, 0));
    }

    [Fact]
    public void NoRoom_IsNotClaimedUntilThereIs()
    {
        Arrive(VehicleStanding.Open);
        _link.HasRoom = false;
        _roster.TakeToClaim(_order, 10).ShouldBeEmpty();

        _link.HasRoom = true;
        After(TimeSpan.FromMilliseconds(600));

        _roster.TakeToClaim(_order, 10).ShouldHaveSingleItem();
    }

    [Fact]
    public void Outside_WaitsForAPositionInside()
    {
        _order = (SampleOrders.Open() with { Filter = new TargetFilter { Geo = SampleOrders.Town } }).Active();
        _link.Position = At(50, 9.5);
        LocalVehicle vehicle = Arrive(VehicleStanding.Open);
        _roster.Claimable.ShouldBe(0);
        _roster.Count().ShouldBe((1, 1));

        _link.Position = At(48.5, 9.5);
        _roster.Changed(_order, vehicle);

        _roster.Claimable.ShouldBe(1);
    }

    [Fact]
    public void Area_IsJudgedAgainAtTheClaim()
    {
        _order = (SampleOrders.Open() with { Filter = new TargetFilter { Geo = SampleOrders.Town } }).Active();
        _link.Position = At(48.5, 9.5);
        Arrive(VehicleStanding.Open);
        _link.Position = At(50, 9.5);

        _roster.TakeToClaim(_order, 10).ShouldBeEmpty();
    }

    [Fact]
    public void Newcomer_IsTakenAlongAndCounts()
    {
        _order = (SampleOrders.Open() with { TakesNewVehicles = true }).Active();
        LocalVehicle vehicle = _link.Arrive(firstSeenAt: SampleOrders.Start);
        _roster.Note(_order, vehicle, VehicleStanding.NotTarget, _roster.Now);

        _roster.Count().ShouldBe((1, 1));
        _roster.TakeToClaim(_order, 10).ShouldHaveSingleItem().Requests.ShouldHaveSingleItem().TakeAlong.ShouldBeTrue();
    }

    [Fact]
    public void KnownVehicleThatIsNotInTheLedger_IsNoTarget()
    {
        _order = (SampleOrders.Open() with { TakesNewVehicles = true }).Active();

        Arrive(VehicleStanding.NotTarget);

        _roster.Claimable.ShouldBe(0);
        _roster.Count().ShouldBe((0, 0));
    }

    [Fact]
    public void QuotaExhausted_OneOfTheShardAsksEachSecond()
    {
        string[] vids = [.. Enumerable.Range(0, 1000).Select(i => $"v{i}").Where(vid => Shards.Of(vid) == 3).Take(5)];
        foreach (string vid in vids)
        {
            _roster.Note(_order, new FakeLink(vid).Arrive(), VehicleStanding.Open, _roster.Now);
        }

        Answer(ClaimOutcome.QuotaExhausted);
        _roster.Claimable.ShouldBe(0);
        After(TimeSpan.FromSeconds(1));
        _roster.Claimable.ShouldBe(1);
        Answer(ClaimOutcome.QuotaExhausted);
        After(TimeSpan.FromSeconds(1));
        _roster.Claimable.ShouldBe(1);
        Answer(ClaimOutcome.Granted);
        _roster.Claimable.ShouldBe(2, "where there is some there may be more");
        Answer(ClaimOutcome.Granted);
        _roster.Claimable.ShouldBe(2, "the last of the five");
    }

    [Fact]
    public void Newcomer_WhoseQuotaIsUsedUp_IsATargetFromThenOn()
    {
        _order = (SampleOrders.Open() with { TakesNewVehicles = true, Filter = new TargetFilter { Geo = SampleOrders.Town } }).Active();
        _link.Position = At(48.5, 9.5);
        LocalVehicle vehicle = _link.Arrive(firstSeenAt: SampleOrders.Start);
        _roster.Note(_order, vehicle, VehicleStanding.NotTarget, _roster.Now);
        Answer(ClaimOutcome.QuotaExhausted);
        _roster.Count().ShouldBe((1, 1));

        // Out of the area only targets count: others may never be put in.
        _link.Position = At(50, 9.5);
        After(TimeSpan.FromSeconds(1));
        _roster.Count().ShouldBe((1, 1));

        _link.Position = At(48.5, 9.5);
        _roster.Changed(_order, vehicle);
        _roster.TakeToClaim(_order, 10).ShouldHaveSingleItem().Requests.ShouldBe([new ClaimRequest("v1", 10, 0, TakeAlong: false)]);
    }

    [Fact]
    public void Unanswered_OnlyItsShardPauses()
    {
        FakeLink[] links = [.. Enumerable.Range(0, 200).Select(i => new FakeLink($"v{i}"))];
        foreach (FakeLink link in links)
        {
            _roster.Note(_order, link.Arrive(), VehicleStanding.Open, _roster.Now);
        }

        ClaimBatch batch = _roster.TakeToClaim(_order, 1000)[0];
        _roster.Unanswered(_order, batch);
        _roster.Claimable.ShouldBe(0);
        After(TimeSpan.FromMilliseconds(501));

        _roster.Claimable.ShouldBe(batch.Deliveries.Count);
    }

    [Fact]
    public void TakeToClaim_SmallLeases_ServeEveryShard()
    {
        foreach (int i in Enumerable.Range(0, 320))
        {
            _roster.Note(_order, new FakeLink($"v{i}").Arrive(), VehicleStanding.Open, _roster.Now);
        }

        HashSet<int> served = [.. Enumerable.Range(0, 16).SelectMany(_ => _roster.TakeToClaim(_order, 1)).Select(batch => batch.Shard)];

        served.Count.ShouldBe(16);
    }

    [Fact]
    public void Unused_AsksAgainAsIfNothingWasGranted()
    {
        Arrive(VehicleStanding.Open);
        _roster.Unused(_order, TakeOne());

        _roster.TakeToClaim(_order, 10).ShouldHaveSingleItem().Requests.ShouldHaveSingleItem().LastAttempt.ShouldBe(0);
    }

    [Fact]
    public void Recheck_OfAStranger_DoesNotCountAsOpen()
    {
        LocalVehicle vehicle = _link.Arrive();
        _roster.Consider(vehicle, recheck: true);
        _roster.Count().ShouldBe((0, 0));

        _roster.Consider(vehicle, recheck: false);
        _roster.Count().ShouldBe((1, 1));
        _roster.TakeToLook().ShouldBe([vehicle]);
    }

    [Fact]
    public void InFlight_SettledByTheLedger_IsNotSentAgain()
    {
        LocalVehicle vehicle = Arrive(VehicleStanding.Open);
        _roster.Claimed(_order, TakeOne(), Granted(1));
        After(TimeSpan.FromSeconds(1));

        _roster.Note(_order, vehicle, VehicleStanding.Final, _roster.Now);
        After(TimeSpan.FromSeconds(60));

        _roster.Claimable.ShouldBe(0);
    }

    private static VehiclePosition At(double lat, double lon) => new(lat, lon, new ManualTimeProvider().GetUtcNow().ToUnixTimeMilliseconds());

    private static ClaimResult Granted(int attempt) => new(ClaimOutcome.Granted, attempt, TimeSpan.Zero);

    private LocalVehicle Arrive(VehicleStanding standing)
    {
        LocalVehicle vehicle = _link.Arrive();
        _roster.Note(_order, vehicle, standing, _roster.Now);
        return vehicle;
    }

    private LocalDelivery TakeOne() => _roster.TakeToClaim(_order, 10).ShouldHaveSingleItem().Deliveries.ShouldHaveSingleItem();

    private void Answer(ClaimOutcome outcome)
    {
        foreach (LocalDelivery delivery in _roster.TakeToClaim(_order, 100).SelectMany(batch => batch.Deliveries))
        {
            _roster.Claimed(_order, delivery, new ClaimResult(outcome, 1, TimeSpan.FromSeconds(1)));
        }
    }

    private void After(TimeSpan time)
    {
        _clock.Advance(time);
        _roster.Turn(_order);
    }
}
