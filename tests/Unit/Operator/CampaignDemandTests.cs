using PushPlatform.Kubernetes.Models;
using PushPlatform.Operator.Api;
using PushPlatform.Operator.Pools;
using Shouldly;
using Xunit;

namespace PushPlatform.Tests.Unit.Operator;

public sealed class CampaignDemandTests
{
    private static readonly DateTimeOffset Now = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Pushing_IsWhoTellsVehiclesThatAreOnline_NotWhoWaitsForOthers()
    {
        PushCampaign[] quiet = [.. Enum.GetValues<CampaignPhase>().Where(phase => phase != CampaignPhase.Pushing).Select(phase => Campaign($"{phase}", phase))];

        CampaignDemand.Pushing(quiet).ShouldBeNull();
        CampaignDemand.Pushing([.. quiet, Campaign("b", CampaignPhase.Pushing), Campaign("a", CampaignPhase.Pushing)]).ShouldBe("a");
    }

    [Fact]
    public void Expected_IsTheLargestThatIsAboutToStart()
    {
        CampaignDemand.Expected([], Now).ShouldBe(0);
        CampaignDemand.Expected(
            [
                Campaign("previewing", CampaignPhase.Previewing, 40),
                Campaign("soon", CampaignPhase.Scheduled, 70, Now.AddMinutes(9)),
                Campaign("tomorrow", CampaignPhase.Scheduled, 900, Now.AddDays(1)),
                Campaign("held", CampaignPhase.Suspended, 900),
                Campaign("over", CampaignPhase.Completed, 900),
            ],
            Now).ShouldBe(70);
    }

    private static PushCampaign Campaign(string name, CampaignPhase phase, long online = 0, DateTimeOffset? startsAt = null) => new()
    {
        Metadata = new V1ObjectMeta { Name = name, NamespaceProperty = "fleet" },
        Status = new PushCampaignStatus { Phase = phase, StartsAt = startsAt, Preview = new PreviewStatus { Online = online } },
    };
}
