using PushPlatform.Delivery;
using Shouldly;
using Xunit;

namespace PushPlatform.Tests.Unit.Delivery;

public sealed class UnitIdTests
{
    [Theory]
    [InlineData(SessionMode.Single, "car-1")]
    [InlineData(SessionMode.PerDevice, "car-1/left")]
    public void Of_VidAndDevice_IsWhatThePoolKeepsApart(SessionMode mode, string expected)
    {
        string unit = UnitId.Of(mode, "car-1", "left");

        unit.ShouldBe(expected);
        UnitId.VidOf(unit).ToString().ShouldBe("car-1");
    }

    [Theory]
    [InlineData(SessionMode.Single, "car-1", true)]
    [InlineData(SessionMode.Single, "car-1/main", false)]
    [InlineData(SessionMode.PerDevice, "car-1", false)]
    [InlineData(SessionMode.PerDevice, "car-1/main", true)]
    public void Fits_AUnitOfAnotherKindOfPool_DoesNot(SessionMode mode, string unit, bool expected) => UnitId.Fits(mode, unit).ShouldBe(expected);
}
