using PushPlatform.Delivery.Ledger;
using PushPlatform.Delivery.Orders;
using PushPlatform.Operator.Api;
using PushPlatform.Operator.Campaigns;
using Shouldly;
using Xunit;

namespace PushPlatform.Tests.Unit.Operator;

/// <summary>What came of a campaign, in one word.</summary>
public sealed class OutcomeRuleTests : CampaignLife
{
    [Theory]
    [InlineData("Completed", "", 10, 0, 0, 0, "Succeeded", "Succeeded")]
    [InlineData("Completed", "", 7, 0, 0, 3, "Succeeded", "Succeeded")]
    [InlineData("Completed", "", 0, 0, 0, 0, "Succeeded", "NoTargets")]
    [InlineData("Completed", "", 9, 1, 0, 0, "PartiallySucceeded", "PartiallySucceeded")]
    [InlineData("Completed", "", 1, 0, 8, 1, "PartiallySucceeded", "PartiallySucceeded")]
    [InlineData("Completed", "", 0, 9, 1, 0, "Failed", "Failed")]
    [InlineData("Completed", "", 0, 1, 0, 9, "Failed", "Failed")]
    [InlineData("Aborted", "Aborted", 10, 0, 0, 0, "Aborted", "Aborted")]
    [InlineData("Aborted", "Cancelled", 10, 0, 0, 0, "Aborted", "Cancelled")]
    [InlineData("Aborted", "LimitExceeded", 0, 10, 0, 0, "Aborted", "Aborted")]
    [InlineData("Aborted", "Superseded", 5, 0, 0, 0, "Superseded", "Superseded")]
    [InlineData("Expired", "", 9, 0, 0, 0, "Expired", "Expired")]
    public void Of_EachEnd_IsOneWord_AndTheReasonOfComplete(string end, string why, int delivered, int failed, int rejected, int suppressed, string outcome, string reason)
    {
        Tombstone tombstone = new()
        {
            CampaignId = "fleet/brakes",
            Revision = 1,
            OwnerUid = "uid-1",
            ContentHash = "",
            LedgerId = "l",
            Outcome = Enum.Parse<CampaignOutcome>(end),
            Reason = why,
            Counts = LedgerCounts.Zero with { Targeted = delivered + failed + rejected + suppressed, Delivered = delivered, Failed = failed, Rejected = rejected, Suppressed = suppressed },
            EndedAt = World.Now,
        };

        OutcomeRule.Of(tombstone).ShouldBe(Enum.Parse<Outcome>(outcome));
        OutcomeRule.Reason(tombstone).ShouldBe(reason);
    }

    [Fact]
    public void Outcome_IsSaidOnceItIsOver_AndTakenBackByAHigherRevision()
    {
        Pushed();
        World.Status.Outcome.ShouldBeNull();
        Deliver(2);
        WaitOut();
        World.Status.Outcome.ShouldBe(Outcome.Succeeded);

        World.Edit(spec => spec with { Revision = 2 });
        World.Pass();
        World.Status.Outcome.ShouldBeNull();
    }
}
