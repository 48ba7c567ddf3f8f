using PushPlatform.PushNode.Orders;
using Shouldly;
using Xunit;

namespace PushPlatform.Tests.Unit.PushNode.Orders;

public sealed class ContactRulesTests
{
    [Theory]
    [InlineData(0, false, false)]
    [InlineData(2.9, false, false)]
    [InlineData(3, true, false)]
    [InlineData(59.9, true, false)]
    [InlineData(60, true, true)]
    public void Silence_FirstCutsOffThenSendsAway(double seconds, bool cutOff, bool sendAway)
    {
        ContactRules.IsCutOff(TimeSpan.FromSeconds(seconds)).ShouldBe(cutOff);
        ContactRules.ShouldSendAway(TimeSpan.FromSeconds(seconds)).ShouldBe(sendAway);
    }

    [Theory]
    [InlineData(600, 0, 60, 0)]
    [InlineData(600, 1, 60, 10)]
    [InlineData(600, 30, 60, 300)]
    [InlineData(600, 60, 60, 600)]
    [InlineData(600, 90, 60, 600)]
    [InlineData(1, 1, 60, 1)]
    [InlineData(600, 0, 0, 600)]
    public void GoneBy_IsEvenOverTheDrain(int atFirst, int since, int drain, int gone) =>
        ContactRules.GoneBy(atFirst, TimeSpan.FromSeconds(since), TimeSpan.FromSeconds(drain)).ShouldBe(gone);
}
