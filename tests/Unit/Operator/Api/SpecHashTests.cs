using PushPlatform.Operator.Api;
using Shouldly;
using Xunit;

namespace PushPlatform.Tests.Unit.Operator.Api;

public sealed class SpecHashTests
{
    private const string Content = "59933da6ae3a04c4b07df343662e76a8";

    private readonly PushCampaign _campaign = CampaignWorld.NewCampaign("uid-1");

    /// <summary>When this goes red, every campaign that is being pushed under an approval stops with the next version of the operator.</summary>
    [Fact]
    public void Of_KnownSpec_IsTheSameInEveryVersion()
    {
        PushCampaignSpec spec = _campaign.Spec with { Pace = new() { MaxPerSecond = 7 }, Rollout = new() { Approval = ApprovalMode.Manual }, Schedule = new() { StartAt = DateTimeOffset.UnixEpoch } };

        Hash(spec).ShouldBe("1a55388d10d6f135c3b3a090e9799919");
    }

    [Fact]
    public void Of_WhatIsApproved_Differs()
    {
        PushCampaignSpec spec = _campaign.Spec;
        string[] hashes =
        [
            Hash(spec),
            Hash(spec with { Revision = 2 }),
            Hash(spec with { Pace = new() { MaxPerSecond = 101 } }),
            Hash(spec with { Schedule = new() { ExpireAt = DateTimeOffset.UnixEpoch } }),
            Hash(spec with { Delivery = new() { MaxAttempts = 6 } }),
            Hash(spec with { Rollout = new() { Approval = ApprovalMode.Manual } }),
            Hash(spec, content: "another list, or another patch"),
            Hash(spec, uid: "uid-2"),
        ];

        hashes.ShouldBeUnique();
    }

    [Fact]
    public void Of_SwitchesThatOnlyStopIt_IsEqual() =>
        Hash(_campaign.Spec with { Suspend = true, Abort = true, TtlSecondsAfterFinished = 60 }).ShouldBe(Hash(_campaign.Spec));

    [Fact]
    public void Of_ContentNotKnown_IsNone() => SpecHash.Of(_campaign, "").ShouldBeEmpty();

    private static string Hash(PushCampaignSpec spec, string content = Content, string uid = "uid-1") => SpecHash.Of(CampaignWorld.NewCampaign(uid, spec), content);
}
