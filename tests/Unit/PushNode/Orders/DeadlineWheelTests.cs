using FsCheck.Fluent;
using PushPlatform.PushNode.Orders;
using Shouldly;
using Xunit;

namespace PushPlatform.Tests.Unit.PushNode.Orders;

public sealed class DeadlineWheelTests
{
    private readonly DeadlineWheel _wheel = new();

    [Fact]
    public void Turn_BeforeTheDeadline_BringsNothing()
    {
        Put(1000);

        _wheel.Turn(999).ShouldBeEmpty();
        _wheel.Turn(1000).ShouldHaveSingleItem();
        _wheel.Turn(5000).ShouldBeEmpty();
    }

    [Fact]
    public void Turn_DeadlineManyRoundsAway_ComesUpOnceAndInTime()
    {
        long due = 10L * 3600 * 1000;
        Put(due);

        for (long now = 0; now < due; now += 777)
        {
            _wheel.Turn(now).ShouldBeEmpty();
        }

        _wheel.Turn(due).ShouldHaveSingleItem();
    }

    [Fact]
    public void Turn_TakenOut_DoesNotComeUp()
    {
        LocalDelivery delivery = Put(1000);
        delivery.Place.List!.Remove(delivery.Place);

        _wheel.Turn(2000).ShouldBeEmpty();
    }

    [Fact]
    public void Turn_AnySchedule_BringsEachAtMostOneTickLate() => FsCheck.Check.QuickThrowOnFailure(
        Prop.ForAll(
            Gen.Choose(0, 200_000).NonEmptyListOf().ToArbitrary(),
            Gen.Choose(1, 90).ToArbitrary(),
            (delays, step) =>
            {
                DeadlineWheel wheel = new();
                foreach (int delay in delays)
                {
                    Put(wheel, delay);
                }

                int seen = 0;
                for (long now = 0; now <= 200_000 + DeadlineWheel.TickMs; now += step)
                {
                    foreach (LocalDelivery due in wheel.Turn(now))
                    {
                        seen++;
                        now.ShouldBeGreaterThanOrEqualTo(due.DueAt);
                        (now - due.DueAt).ShouldBeLessThan(DeadlineWheel.TickMs * 2);
                    }
                }

                return seen == delays.Count;
            }));

    private LocalDelivery Put(long dueAt) => Put(_wheel, dueAt);

    private static LocalDelivery Put(DeadlineWheel wheel, long dueAt)
    {
        LocalDelivery delivery = new(new FakeLink("v").Arrive()) { DueAt = dueAt };
        wheel.SlotFor(dueAt).AddLast(delivery.Place);
        return delivery;
    }
}
