using PushPlatform.Delivery;
using PushPlatform.Tests.Unit.Time;
using Shouldly;
using Xunit;

namespace PushPlatform.Tests.Unit.Delivery;

public sealed class DependencyWatchTests
{
    private readonly ManualTimeProvider _time = new();

    [Fact]
    public void Note_OneOutage_IsToldOnce_AndSinceItsBegin()
    {
        DependencyWatch watch = new("check the plug", _time);
        watch.Fault.ShouldBeNull();
        watch.Note(null).ShouldBeFalse();

        watch.Note("It is dark").ShouldBeTrue();
        string first = watch.Fault!;
        first.ShouldBe($"It is dark, since {_time.GetUtcNow():yyyy-MM-ddTHH:mm:ssZ}; check the plug");
        _time.Advance(TimeSpan.FromMinutes(1));
        watch.Note("It is dark").ShouldBeFalse();
        watch.Fault.ShouldBe(first);

        watch.Note("It is very dark").ShouldBeFalse("the same outage, found out in another way");
        watch.Fault.ShouldBe(first.Replace("dark", "very dark"));

        watch.Note(null).ShouldBeTrue();
        watch.Fault.ShouldBeNull();
        watch.Note("It is dark").ShouldBeTrue();
        watch.Fault.ShouldNotBe(first, "a new outage");
    }
}
