using PushPlatform.Delivery.Registry;
using PushPlatform.Delivery.Targeting;
using Shouldly;
using Xunit;

namespace PushPlatform.Tests.Unit.Delivery;

public sealed class TargetMatcherTests
{
    private static readonly DateTimeOffset Now = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly Dictionary<string, string> NoLabels = [];

    public static TheoryData<LabelOperator, string[], string?, bool> Requirements => new()
    {
        { LabelOperator.In, ["x7", "x8"], "x7", true },
        { LabelOperator.In, ["x7", "x8"], "x9", false },
        { LabelOperator.In, ["x7", "x8"], null, false },
        { LabelOperator.NotIn, ["x7", "x8"], "x7", false },
        { LabelOperator.NotIn, ["x7", "x8"], "x9", true },
        { LabelOperator.NotIn, ["x7", "x8"], null, true },
        { LabelOperator.Exists, [], "", true },
        { LabelOperator.Exists, [], null, false },
        { LabelOperator.DoesNotExist, [], "x7", false },
        { LabelOperator.DoesNotExist, [], null, true },
    };

    [Theory]
    [MemberData(nameof(Requirements))]
    public void Selects_Expression_AsKubernetesDoes(LabelOperator @operator, string[] values, string? actual, bool expected)
    {
        TargetMatcher matcher = new(new TargetFilter
        {
            Selector = new LabelSelector { MatchExpressions = [new LabelRequirement("model", @operator, values)] },
        });
        matcher.Selects("v", actual is null ? NoLabels : new Dictionary<string, string> { ["model"] = actual }).ShouldBe(expected);
    }

    [Fact]
    public void Selects_LabelsAndExpressions_AllMustHold()
    {
        TargetMatcher matcher = new(new TargetFilter
        {
            Selector = new LabelSelector
            {
                MatchLabels = new Dictionary<string, string> { ["model"] = "x7", ["fw"] = "4" },
                MatchExpressions = [new LabelRequirement("recalled", LabelOperator.DoesNotExist, [])],
            },
        });
        matcher.Selects("v", new Dictionary<string, string> { ["model"] = "x7", ["fw"] = "4" }).ShouldBeTrue();
        matcher.Selects("v", new Dictionary<string, string> { ["model"] = "x7" }).ShouldBeFalse();
        matcher.Selects("v", new Dictionary<string, string> { ["model"] = "X7", ["fw"] = "4" }).ShouldBeFalse();
        matcher.Selects("v", new Dictionary<string, string> { ["model"] = "x7", ["fw"] = "4", ["recalled"] = "" }).ShouldBeFalse();
    }

    [Theory]
    [InlineData("v1/main", false)]
    [InlineData("v1/left", false)]
    [InlineData("v2/main", false)]
    [InlineData("v2/left", true)]
    [InlineData("v11/main", true)]
    [InlineData("main/v1", true)]
    public void Selects_DevicesOfExcludedVids_AreExcludedWithThem_AndSingleOnesAlone(string unit, bool expected) =>
        new TargetMatcher(new TargetFilter { ExcludeVids = ["v1", "v2/main"] }).Selects(unit, NoLabels).ShouldBe(expected);

    [Fact]
    public void Judge_ExcludedVehicle_IsNoTarget()
    {
        TargetMatcher matcher = new(new TargetFilter { ExcludeVids = ["v1"] });
        matcher.Judge(new TargetCandidate("v1", NoLabels, null, null), Now).ShouldBe(TargetVerdict.NotTarget);
        matcher.Judge(new TargetCandidate("v2", NoLabels, null, null), Now).ShouldBe(TargetVerdict.Match);
    }

    [Theory]
    [InlineData(60, null, true)]
    [InlineData(60, 60, true)]
    [InlineData(60, 61, false)]
    [InlineData(0, null, true)]
    [InlineData(0, 0, false)]
    public void Knows_SeenWithin_BySecondsSinceLastSeen(long seenWithin, int? secondsAgo, bool expected)
    {
        TargetMatcher matcher = new(new TargetFilter { SeenWithinSeconds = seenWithin });
        matcher.Knows(secondsAgo is { } ago ? Now.AddSeconds(-ago) : null, Now).ShouldBe(expected);
    }

    [Fact]
    public void Judge_SelectedButOutsideTheArea_Waits()
    {
        TargetMatcher matcher = new(new TargetFilter { Geo = new GeoFilter { Include = [new GeoArea { Box = new GeoBox(0, 0, 10, 10) }] } });
        TargetVerdict At(double lat, double lon) =>
            matcher.Judge(new TargetCandidate("v", NoLabels, new VehiclePosition(lat, lon, Now.ToUnixTimeMilliseconds()), null), Now);
        At(5, 5).ShouldBe(TargetVerdict.Match);
        At(5, 11).ShouldBe(TargetVerdict.Outside);
    }

    [Theory]
    [InlineData(100, null, true)]
    [InlineData(101, null, false)]
    [InlineData(1000, 950, true)]
    [InlineData(1000, 899, false)]
    public void Judge_PositionsAge_CountsToNowOrToWhenTheVehicleWasLastSeen(int takenAgo, int? seenAgo, bool fresh)
    {
        TargetCandidate vehicle = new(
            "v",
            NoLabels,
            new VehiclePosition(5, 5, Now.AddSeconds(-takenAgo).ToUnixTimeMilliseconds()),
            seenAgo is { } ago ? Now.AddSeconds(-ago) : null);
        TargetMatcher matcher = new(new TargetFilter { Geo = Square(UnknownPosition.Exclude) });
        matcher.Judge(vehicle, Now).ShouldBe(fresh ? TargetVerdict.Match : TargetVerdict.Outside);
    }

    [Theory]
    [InlineData(UnknownPosition.Exclude, TargetVerdict.Outside)]
    [InlineData(UnknownPosition.Include, TargetVerdict.Match)]
    public void Judge_UnknownPosition_AsTheFilterSays(UnknownPosition rule, TargetVerdict expected)
    {
        TargetMatcher matcher = new(new TargetFilter { Geo = Square(rule) });
        matcher.Judge(new TargetCandidate("v", NoLabels, null, null), Now).ShouldBe(expected);
        matcher.Judge(new TargetCandidate("v", NoLabels, new VehiclePosition(50, 50, 0), null), Now).ShouldBe(expected, "too old is unknown");
    }

    private static GeoFilter Square(UnknownPosition rule) => new()
    {
        Include = [new GeoArea { Box = new GeoBox(0, 0, 10, 10) }],
        UnknownPosition = rule,
        MaxPositionAgeSeconds = 100,
    };
}
