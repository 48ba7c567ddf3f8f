using PushPlatform.Kubernetes.Models;
using PushPlatform.Operator.Api;
using PushPlatform.Operator.Campaigns;
using Shouldly;
using Xunit;

namespace PushPlatform.Tests.Unit.Operator;

public sealed class CampaignStatusTests
{
    private readonly CampaignWorld _world = new();

    [Fact]
    public void FirstSight_TheFourConditionsStand_AndTheRestOnlyWhileTrue()
    {
        _world.Pass();

        _world.Status.Conditions!.Select(condition => $"{condition.Type}={condition.Status} {condition.Reason}").ShouldBe(
            ["Complete=False NotStarted", "Pushed=False NotStarted", "Ready=True Accepted", "Reconciling=True Previewing", "Succeeded=Unknown NotStarted"]);
        _world.Status.Conditions!.ShouldAllBe(condition => condition.ObservedGeneration == 1 && condition.Reason.Length > 0);
        _world.Status.ObservedGeneration.ShouldBe(1);
    }

    [Fact]
    public void NothingChanges_TheTransitionTimesStay()
    {
        _world.Pass();
        DateTimeOffset first = _world.Status.Conditions![0].LastTransitionTime;
        _world.Now = _world.Now.AddMinutes(1);
        _world.Pass();

        _world.Status.Conditions!.ShouldAllBe(condition => condition.LastTransitionTime == first);
    }

    [Fact]
    public void RedisIsAway_SaysSo_AndKeepsWhatItKnew()
    {
        _world.Pass();
        PushCampaignStatus status = CampaignStatus.Unreachable(_world.Campaign!, Reasons.RedisUnavailable, "no answer", _world.Now);

        V1Condition ready = status.Conditions!.Single(condition => condition.Type == "Ready");
        (ready.Status, ready.Reason).ShouldBe(("False", Reasons.RedisUnavailable));
        status.Phase.ShouldBe(CampaignPhase.Previewing);
        status.Conditions!.Select(condition => condition.Type).ShouldBe(["Complete", "Pushed", "Ready", "Reconciling", "Succeeded"]);
    }

    [Fact]
    public void RedisIsAwayAtFirstSight_TheOthersAreUnknown()
    {
        PushCampaignStatus status = CampaignStatus.Unreachable(_world.Campaign!, Reasons.RedisUnavailable, "no answer", _world.Now);

        status.Conditions!.Where(condition => condition.Type != "Ready").ShouldAllBe(condition => condition.Status == "Unknown");
        status.Phase.ShouldBe(CampaignPhase.Pending);
    }

    [Fact]
    public void Events_ProgressAlone_TellsNothing()
    {
        PushCampaignStatus before = Status(delivered: 10);

        CampaignEvents.Between(before, Status(delivered: 11)).ShouldBeEmpty();
    }

    [Fact]
    public void Events_ADependencyGoesAndComes_WarnsAndRecovers()
    {
        _world.Pass();
        PushCampaignStatus well = _world.Status;
        PushCampaignStatus away = CampaignStatus.Unreachable(_world.Campaign!, Reasons.RedisUnavailable, "no answer", _world.Now);

        CampaignEvents.Between(well, away).Single().Reason.ShouldBe(Reasons.RedisUnavailable);
        CampaignEvents.Between(away, well).Single().Reason.ShouldBe(Reasons.Recovered);
    }

    [Fact]
    public void LongMessages_AreCut()
    {
        _world.Faults = [new string('x', 5000)];
        _world.Pass();

        _world.Status.Message!.Length.ShouldBe(1024);
        _world.Status.Conditions!.ShouldAllBe(condition => condition.Message.Length <= 1024);
    }

    private PushCampaignStatus Status(long delivered)
    {
        _world.Pass();
        return _world.Status with { Counts = new CampaignCounts { Targeted = 100, Delivered = delivered, Pending = 100 - delivered } };
    }
}
