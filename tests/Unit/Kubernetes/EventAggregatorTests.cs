using PushPlatform.Kubernetes.Events;
using PushPlatform.Kubernetes.Models;
using Shouldly;
using Xunit;

namespace PushPlatform.Tests.Unit.Kubernetes;

public sealed class EventAggregatorTests
{
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private readonly EventAggregator _aggregator = new();

    [Fact]
    public void Take_SameThingAgain_RaisesACountInsteadOfMakingAnotherEvent()
    {
        var (first, series) = Take("Started", 0);
        first.ShouldBe(EventWrite.Create);
        series.ShouldNotBeNull().Name.ShouldBe("car.18867251edfa0000");

        var (second, same) = Take("Started", 1);

        second.ShouldBe(EventWrite.Count);
        same.ShouldBeSameAs(series);
        series.Count.ShouldBe(2);
    }

    [Fact]
    public void Take_SameThingEverySecond_IsWrittenEveryTenSeconds()
    {
        var writes = 0;
        for (var second = 0; second <= 60; second++)
        {
            var (write, series) = Take("Started", second);
            if (write == EventWrite.Count)
            {
                writes++;
                (series!.WrittenCount, series.WrittenAt) = (series.Count, Start.AddSeconds(second));
            }
        }

        writes.ShouldBe(6);
        _aggregator.Unwritten().Single().Series.Count.ShouldBe(61);
    }

    [Fact]
    public void Take_EventAfterEvent_NamesSortAsTheyHappened_EvenWhenTheClockStandsOrGoesBack()
    {
        string[] names = [.. ((double[])[0, 0, 0.0001, 9, 8, 1e9]).Select((second, i) => Take($"Reason{i}", second).Series!.Name)];

        names.ShouldBeUnique();
        names.Order(StringComparer.Ordinal).ShouldBe(names);
        names.ShouldAllBe(name => name.Length == "car.".Length + 16);
    }

    [Fact]
    public void Take_AfterALongSilence_IsANewEvent()
    {
        Take("Started", 0);

        Take("Started", 600).Write.ShouldBe(EventWrite.Create);
    }

    [Fact]
    public void Take_TalkativeObject_IsCutShort_OthersAreNot_AndItRecovers()
    {
        for (var i = 0; i < EventAggregator.Burst; i++)
        {
            Take($"Reason{i}", 0).Write.ShouldBe(EventWrite.Create);
        }

        Take("OneMore", 1).Write.ShouldBe(EventWrite.Drop);
        Take("Reason1", 1).Write.ShouldBe(EventWrite.Count);
        Take("OneMore", 1, uid: "another").Write.ShouldBe(EventWrite.Create);
        Take("OneMore", 300).Write.ShouldBe(EventWrite.Create);
        Take("AndAnother", 301).Write.ShouldBe(EventWrite.Drop);
    }

    [Fact]
    public void Take_ManyObjects_MemoryStaysBounded()
    {
        for (var i = 0; i < EventAggregator.Capacity + 100; i++)
        {
            Take("Started", i / 1000.0, uid: $"uid{i}");
        }

        Take("Started", 6, uid: $"uid{EventAggregator.Capacity + 99}").Write.ShouldBe(EventWrite.Count);
        Take("Started", 6, uid: "uid0").Write.ShouldBe(EventWrite.Create);
    }

    private (EventWrite Write, EventSeries? Series) Take(string reason, double second, string uid = "uid") => _aggregator.Take(
        new Occurrence(new EventIdentity(uid, reason, "message", EventType.Normal, "Reconcile"), new V1ObjectReference { Name = "car" }, Start.AddSeconds(second)));
}
