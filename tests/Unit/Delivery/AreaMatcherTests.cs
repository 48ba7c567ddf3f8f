using FsCheck;
using FsCheck.Fluent;
using PushPlatform.Delivery.Registry;
using PushPlatform.Delivery.Targeting;
using Shouldly;
using Xunit;

namespace PushPlatform.Tests.Unit.Delivery;

public sealed class AreaMatcherTests
{
    private static readonly GeoArea FijiBox = new() { Box = new GeoBox(-20, 175, -15, -175) };
    private static readonly GeoArea FijiPolygon = new() { Polygon = [new(-20, 175), new(-20, -175), new(-15, -175), new(-15, 175)] };

    [Theory]
    [InlineData(48.1372, 11.5756, true)]
    [InlineData(48.1372, 11.6424, true)] // 4.96 km to the east
    [InlineData(48.1372, 11.6434, false)] // 5.03 km
    [InlineData(48.1819, 11.5756, true)] // 4.97 km to the north
    [InlineData(48.1829, 11.5756, false)] // 5.08 km
    public void Circle_Position_ByGreatCircleDistance(double lat, double lon, bool inside) =>
        Contains(new GeoArea { Circle = new GeoCircle(48.1372, 11.5756, 5000) }, lat, lon).ShouldBe(inside);

    [Fact]
    public void Circle_AcrossTheMeridianAndAtThePole_IsRound()
    {
        Contains(new GeoArea { Circle = new GeoCircle(0, 179.99, 5000) }, 0, -179.99).ShouldBeTrue();
        Contains(new GeoArea { Circle = new GeoCircle(89.99, 0, 5000) }, 89.99, 180).ShouldBeTrue();
        Contains(new GeoArea { Circle = new GeoCircle(0, 0, 20_000_000) }, 0, 180).ShouldBeFalse("the antipode is 20,015 km away");
    }

    [Theory]
    [InlineData(-17, 178, true)]
    [InlineData(-17, -178, true)]
    [InlineData(-17, 180, true)]
    [InlineData(-17, -180, true)]
    [InlineData(-20, 175, true)] // borders belong to it
    [InlineData(-17, 174, false)]
    [InlineData(-17, -174, false)]
    [InlineData(-17, 0, false)]
    [InlineData(-21, 178, false)]
    public void BoxAndPolygon_AcrossThe180thMeridian_TakeTheShortWay(double lat, double lon, bool inside)
    {
        Contains(FijiBox, lat, lon).ShouldBe(inside);
        Contains(FijiPolygon, lat, lon).ShouldBe(inside);
    }

    [Fact]
    public void Polygon_Concave_LeavesItsNotchOut()
    {
        GeoArea area = new() { Polygon = [new(0, 0), new(0, 10), new(10, 10), new(5, 5), new(10, 0)] };
        Contains(area, 2, 5).ShouldBeTrue();
        Contains(area, 8, 5).ShouldBeFalse();
    }

    [Fact]
    public void Filter_Exclude_WinsOverInclude()
    {
        AreaMatcher matcher = new(new GeoFilter
        {
            Include = [new GeoArea { Box = new GeoBox(0, 0, 10, 10) }, new GeoArea { Box = new GeoBox(20, 20, 30, 30) }],
            Exclude = [new GeoArea { Box = new GeoBox(4, 4, 6, 6) }],
        });
        bool At(double lat, double lon) => matcher.Contains(new VehiclePosition(lat, lon, 0), DateTimeOffset.UnixEpoch);
        At(1, 1).ShouldBeTrue();
        At(25, 25).ShouldBeTrue();
        At(5, 5).ShouldBeFalse();
        At(15, 15).ShouldBeFalse();
    }

    [Fact]
    public void Filter_OnlyExclude_IsEverywhereElse()
    {
        AreaMatcher matcher = new(new GeoFilter { Exclude = [FijiBox] });
        matcher.Contains(new VehiclePosition(0, 0, 0), DateTimeOffset.UnixEpoch).ShouldBeTrue();
        matcher.Contains(new VehiclePosition(-17, 180, 0), DateTimeOffset.UnixEpoch).ShouldBeFalse();
    }

    [Fact]
    public void Area_NotExactlyOneShape_IsRefused()
    {
        Should.Throw<ArgumentException>(() => Contains(new GeoArea(), 0, 0));
        Should.Throw<ArgumentException>(() => Contains(FijiBox with { Polygon = FijiPolygon.Polygon }, 0, 0));
        Should.Throw<ArgumentException>(() => Contains(new GeoArea { Polygon = [new(0, 0), new(1, 1)] }, 0, 0));
    }

    [Fact]
    public void BoxAndItsPolygon_AnyBoxAnyPosition_Agree()
    {
        // Widths below 180°: a ring of four corners takes the shorter way round. Half degrees keep positions off the borders.
        Gen<(GeoBox Box, double Lat, double Lon)> cases =
            from south in Gen.Choose(-80, 60)
            from height in Gen.Choose(1, 20)
            from west in Gen.Choose(-180, 179)
            from width in Gen.Choose(1, 170)
            from lat in Gen.Choose(-90, 89)
            from lon in Gen.Choose(-180, 179)
            select (new GeoBox(south, west, south + height, west + width > 180 ? west + width - 360 : west + width), lat + 0.5, lon + 0.5);
        Prop.ForAll(cases.ToArbitrary(), test =>
        {
            (GeoBox box, double lat, double lon) = test;
            GeoArea ring = new() { Polygon = [new(box.South, box.West), new(box.South, box.East), new(box.North, box.East), new(box.North, box.West)] };
            return Contains(new GeoArea { Box = box }, lat, lon) == Contains(ring, lat, lon);
        }).QuickCheckThrowOnFailure();
    }

    private static bool Contains(GeoArea area, double lat, double lon) =>
        new AreaMatcher(new GeoFilter { Include = [area] }).Contains(new VehiclePosition(lat, lon, 0), DateTimeOffset.UnixEpoch);
}
