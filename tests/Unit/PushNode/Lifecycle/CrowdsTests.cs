using PushPlatform.PushNode.Lifecycle;
using Shouldly;
using Xunit;

namespace PushPlatform.Tests.Unit.PushNode.Lifecycle;

public sealed class CrowdsTests
{
    private readonly Crowds _crowds = new();

    [Fact]
    public void HasPassed_ACrowdComes_OnceAndWhenTheLastOneIsThere()
    {
        Looks(0, 1500, 3000, 3050, 3050, 3051).ShouldBe([false, false, false, true, false, false]);
    }

    [Fact]
    public void HasPassed_ItGoesAgain_OnceMore()
    {
        Looks(3000, 3000).ShouldBe([false, true]);

        Looks(6000, 6000, 6000).ShouldBe([false, true, false]);
    }

    [Fact]
    public void HasPassed_AFewComeAndGoForLong_IsNone()
    {
        Looks([.. Enumerable.Range(1, 100).Select(second => second * 90L)]).ShouldAllBe(passed => !passed);
    }

    [Fact]
    public void HasPassed_ASmallPartOfAll_IsNone()
    {
        _crowds.HasPassed(20_000, connections: 20_000).ShouldBeFalse();
        _crowds.HasPassed(20_000, connections: 20_000).ShouldBeTrue();

        _crowds.HasPassed(24_000, connections: 20_000).ShouldBeFalse();
        _crowds.HasPassed(24_000, connections: 20_000).ShouldBeFalse("a fifth of them");
        _crowds.HasPassed(25_000, connections: 20_000).ShouldBeFalse();
        _crowds.HasPassed(25_000, connections: 20_000).ShouldBeTrue();
    }

    private bool[] Looks(params long[] changes) => [.. changes.Select(sum => _crowds.HasPassed(sum, connections: 100))];
}
