using PushPlatform.Delivery.Ledger;
using PushPlatform.Fleet;
using PushPlatform.Scenarios.Chaos;
using Shouldly;
using Xunit;

namespace PushPlatform.Tests.Unit.Scenarios;

/// <summary>The checker of random schedules finds each breach, and nothing where there is none: all on made-up observations.</summary>
public sealed class CheckerTests
{
    private const string Delivery = "default/brakes#1";

    // Three cars, told at 1, 2 and 3 s; one rejects, one says nothing and was sent it three times.
    private static readonly Observations Good = new(
        [
            new RevisionSeen(Delivery, MaxPerSecond: 10, Ending.Completed)
            {
                Ended = true,
                Targets = new HashSet<string> { "car-1", "car-2", "car-3" },
                Others = new HashSet<string> { "stranger" },
                Records = Records(("car-1", DeliveryState.Delivered), ("car-2", DeliveryState.Rejected), ("car-3", DeliveryState.Failed)),
            },
        ],
        [Car("car-1", VehicleAnswer.Received), Car("car-2", VehicleAnswer.Rejected), Car("car-3", VehicleAnswer.Nothing), new CarSeen("stranger", VehicleAnswer.Received, false, new Dictionary<string, int>())],
        [At("car-1", 1), At("car-2", 2), At("car-3", 3), At("car-3", 5), At("car-3", 7)],
        [],
        [],
        []);

    [Fact]
    public void Check_AllIsWell_FindsNothing() => Checker.Check(Good).ShouldBeEmpty();

    [Fact]
    public void Check_ACampaignThatNeverEnds_IsG1() => ShouldFind("G1", With(revision => revision with { Ended = false }));

    [Fact]
    public void Check_ATargetWithoutARecord_IsG1() => ShouldFind("G1", With(revision => revision with { Records = Records(("car-1", DeliveryState.Delivered), ("car-2", DeliveryState.Rejected)) }) with
    {
        Copies = [.. Good.Copies.Where(copy => copy.Vid != "car-3")],
    });

    [Theory]
    [InlineData("car-1", DeliveryState.Pending)]
    [InlineData("car-1", DeliveryState.Sent)]
    [InlineData("car-1", DeliveryState.Failed)]
    [InlineData("car-1", DeliveryState.Expired)]
    [InlineData("car-1", DeliveryState.Suppressed)]
    [InlineData("car-2", DeliveryState.Delivered)]
    [InlineData("car-3", DeliveryState.Delivered)]
    public void Check_AStateThatTheCarDoesNotBearOut_IsG1(string vid, DeliveryState state) =>
        ShouldFind("G1", With(revision => revision with { Records = new Dictionary<string, DeliveryRecord>(revision.Records!) { [vid] = new(vid, state, 1, 1) } }));

    [Fact]
    public void Check_DeliveredByTheLedgerAlone_IsG1() => ShouldFind("G1", Good with { Copies = [.. Good.Copies.Where(copy => copy.Vid != "car-1")] });

    [Fact]
    public void Check_ASlowCarThatFailed_IsWithinItsAttempts() => Checker.Check(
        With(revision => revision with { Records = new Dictionary<string, DeliveryRecord>(revision.Records!) { ["car-1"] = new("car-1", DeliveryState.Failed, 3, 1) } }) with
        {
            Cars = [.. Good.Cars.Select(car => car.Vid == "car-1" ? car with { IsSlow = true } : car)],
        }).ShouldBeEmpty();

    [Fact]
    public void Check_ExpiredWhereTheTimeWasUp_IsWell() => Checker.Check(With(revision => revision with
    {
        Ending = Ending.Expired,
        Records = new Dictionary<string, DeliveryRecord>(revision.Records!) { ["car-1"] = new("car-1", DeliveryState.Expired, 1, 1) },
    })).ShouldBeEmpty();

    [Theory]
    [InlineData(false, true)]
    [InlineData(true, false)]
    public void Check_ExpiredBeforeItsTargetsWereWrittenDown_IsWellWhereNothingWasSent(bool sent, bool well)
    {
        Observations seen = With(revision => revision with { Ending = Ending.Expired, Records = new Dictionary<string, DeliveryRecord> { ["car-1"] = new("car-1", DeliveryState.Expired, 1, 1) } });

        Checker.Check(seen with { Copies = sent ? [At("car-1", 1)] : [] }).Any(finding => finding.Guarantee == "G1").ShouldBe(!well);
    }

    [Fact]
    public void Check_SentToACarThatIsNoTarget_IsG1() => ShouldFind("G1", Good with { Copies = [.. Good.Copies, At("stranger", 4)] }, also: "G2");

    [Fact]
    public void Check_CountersThatDiffer_IsG2() => ShouldFind("G2", With(revision => revision with { Differences = ["shard 3: counters say 4, its records 5"] }));

    [Fact]
    public void Check_ShownTwice_IsG3() => ShouldFind("G3", Good with { Cars = [Car("car-1", VehicleAnswer.Received, shown: 2), .. Good.Cars.Skip(1)] });

    [Fact]
    public void Check_AnotherDeliveryId_IsG3() => ShouldFind("G3", Good with
    {
        Cars = [new CarSeen("car-1", VehicleAnswer.Received, false, new Dictionary<string, int> { [Delivery] = 1, ["default/brakes#1-again"] = 1 }), .. Good.Cars.Skip(1)],
    });

    [Fact]
    public void Check_MoreThanTheCap_IsG4() => ShouldFind("G4", With(revision => revision with { Cap = 2 }));

    [Fact]
    public void Check_FewerThanTheCap_IsG4() => ShouldFind("G4", With(revision => revision with
    {
        Cap = 3,
        Records = new Dictionary<string, DeliveryRecord>(revision.Records!) { ["car-1"] = new("car-1", DeliveryState.Suppressed, 0, 0) },
    }));

    [Fact]
    public void Check_TheRestIsSuppressedAtTheCap_IsWell() => Checker.Check(With(revision => revision with
    {
        Cap = 2,
        Records = new Dictionary<string, DeliveryRecord>(revision.Records!) { ["car-1"] = new("car-1", DeliveryState.Suppressed, 0, 0) },
    }) with
    {
        Copies = [.. Good.Copies.Where(copy => copy.Vid != "car-1")],
        Cars = [Car("car-1", VehicleAnswer.Received, shown: 0), .. Good.Cars.Skip(1)],
    }).ShouldBeEmpty();

    [Theory]
    [InlineData(22, true)] // 10/s × (0.95 s + 0.25 s for the way + 1)
    [InlineData(23, false)]
    public void Check_ABurst_IsG4AboveTheRate(int copies, bool well)
    {
        IEnumerable<Copy> burst = Enumerable.Range(0, copies).Select(number => At("car-1", 10 + (0.95 * number / (copies - 1))));

        Checker.Check(Good with { Copies = [.. Good.Copies, .. burst] }).Any(finding => finding.Guarantee == "G4").ShouldBe(!well);
    }

    [Fact]
    public void Check_ABurstWhileThisProcessStarved_ProvesNothing()
    {
        Copy[] burst = [.. Enumerable.Range(0, 40).Select(_ => At("car-1", 10))];

        Checker.Check(Good with { Copies = [.. Good.Copies, .. burst], Starved = [Times(9, 9.9)] }).Single(finding => finding.Guarantee == "G4").Inconclusive.ShouldBeTrue();
    }

    [Theory]
    [InlineData(4.9, true)]
    [InlineData(5.1, false)]
    public void Check_SentAfterAStop_IsG5AfterTwoSeconds(double last, bool well) => FindsLate(last, well, []);

    [Theory]
    [InlineData(22.9, true)]
    [InlineData(23.1, false)]
    public void Check_SentAfterAStop_TheLeaderWasGone_IsG5AfterTwenty(double last, bool well) =>
        FindsLate(last, well, [new Outage(TimeSpan.FromSeconds(2.5), TimeSpan.FromSeconds(2.5), LeaderGone: true)]);

    [Theory]
    [InlineData(10.9, true)]
    [InlineData(11.1, false)]
    public void Check_SentAfterAStop_RedisWasAway_IsG5OnceItIsBack(double last, bool well) =>
        FindsLate(last, well, [new Outage(TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(6), LeaderGone: false)]);

    [Fact]
    public void Check_SentAfterAStop_AnOutageThatIsLongOver_ExcusesNothing() =>
        FindsLate(33, well: false, [new Outage(TimeSpan.FromSeconds(0), TimeSpan.FromSeconds(1), LeaderGone: false)]);

    [Fact]
    public void Check_SentAfterItWasResumed_IsWell() =>
        Checker.Check(Good with { Copies = [.. Good.Copies, At("car-1", 9)], Stops = [new Stop(Delivery, TimeSpan.FromSeconds(7), TimeSpan.FromSeconds(8), "it was suspended")] }).ShouldBeEmpty();

    [Fact]
    public void Check_SentWhileOnHoldFromTheStart_IsG5AtOnce() =>
        ShouldFind("G5", Good with { Stops = [new Stop(Delivery, TimeSpan.Zero, TimeSpan.FromSeconds(1.5), "it was applied on hold", AtOnce: true)] });

    [Fact]
    public void Check_SentAfterTheLedgerWasLost_IsG9() =>
        ShouldFind("G9", Good with { Stops = [new Stop(Delivery, TimeSpan.FromSeconds(3), null, "its ledger was lost", Guarantee: "G9")] });

    [Fact]
    public void Check_SentAfterItWasCreatedAgain_IsG10() => ShouldFind("G10", With(revision => revision with { Ending = Ending.Stopped, RecreatedAt = TimeSpan.FromSeconds(6) }));

    [Fact]
    public void Check_CreatedAgainBeforeAnythingWasSent_IsAnOrdinaryStart() =>
        Checker.Check(With(revision => revision with { Ending = Ending.Stopped, RecreatedAt = TimeSpan.FromSeconds(0.5) })).ShouldBeEmpty();

    [Theory]
    [InlineData(1, true, "G1")] // had failed, and was told no more
    [InlineData(2, true, null)]
    [InlineData(2, false, null)] // failed later than the others were tried again, or had failed unseen
    [InlineData(3, true, "G3")]
    public void Check_AFailedCarIsToBeTriedAgain_ItShowsItOnceMore(int shown, bool hadFailed, string? finding) => ShouldFindOnly(finding, With(revision => revision with
    {
        TriedAgain = hadFailed ? new HashSet<string> { "car-1" } : new HashSet<string>(),
        Records = new Dictionary<string, DeliveryRecord>(revision.Records!) { ["car-1"] = new("car-1", DeliveryState.Failed, 2, 1) },
    }) with
    {
        Cars = [Car("car-1", VehicleAnswer.Failed, shown), .. Good.Cars.Skip(1)],
    });

    [Fact]
    public void Check_ACarThatHadNotFailedIsTriedAgain_IsG3() => ShouldFind("G3", With(revision => revision with { TriedAgain = new HashSet<string>() }) with
    {
        Cars = [Car("car-1", VehicleAnswer.Received, shown: 2), .. Good.Cars.Skip(1)],
    });

    [Theory]
    [InlineData("car-1", false, false, "G1")] // nobody told it, or its answer was lost
    [InlineData("car-1", true, false, "G1")] // nobody told it, and the ledger says it answered
    [InlineData("car-1", true, true, null)]
    [InlineData("car-3", false, false, null)] // it answers nothing
    public void Check_CancelledAndACarIsToForgetIt_ItHas(string vid, bool inTheLedger, bool byTheCar, string? finding) => ShouldFindOnly(finding, With(revision => revision with
    {
        Ending = Ending.Cancelled,
        Forgets = new Dictionary<string, bool> { [vid] = inTheLedger },
    }) with
    {
        Cars = [.. Good.Cars.Select(car => byTheCar && car.Vid == vid ? car with { Forgotten = new HashSet<string> { Delivery } } : car)],
    });

    private static void ShouldFindOnly(string? guarantee, Observations seen) =>
        Checker.Check(seen).Select(finding => finding.Guarantee).ShouldBe(guarantee is null ? [] : [guarantee]);

    private static void FindsLate(double last, bool well, Outage[] outages)
    {
        Observations seen = Good with
        {
            Copies = [At("car-1", 1), At("car-2", 2), At("car-3", last)],
            Stops = [new Stop(Delivery, TimeSpan.FromSeconds(3), null, "it was aborted")],
            Outages = outages,
        };

        Checker.Check(seen).Any(finding => finding.Guarantee == "G5").ShouldBe(!well);
    }

    private static void ShouldFind(string guarantee, Observations seen, string? also = null)
    {
        IReadOnlyList<Finding> findings = Checker.Check(seen);

        findings.ShouldContain(finding => finding.Guarantee == guarantee && !finding.Inconclusive);
        findings.ShouldAllBe(finding => finding.Guarantee == guarantee || finding.Guarantee == also);
    }

    private static Observations With(Func<RevisionSeen, RevisionSeen> change) => Good with { Revisions = [change(Good.Revisions[0])] };

    private static CarSeen Car(string vid, VehicleAnswer answer, int shown = 1) =>
        new(vid, answer, IsSlow: false, shown == 0 ? new Dictionary<string, int>() : new Dictionary<string, int> { [Delivery] = shown });

    private static Copy At(string vid, double seconds) => new(vid, Delivery, TimeSpan.FromSeconds(seconds));

    private static Starvation Times(double from, double to) => new(TimeSpan.FromSeconds(from), TimeSpan.FromSeconds(to));

    private static Dictionary<string, DeliveryRecord> Records(params (string Vid, DeliveryState State)[] records) =>
        records.ToDictionary(record => record.Vid, record => new DeliveryRecord(record.Vid, record.State, 1, 1));
}
