using System.Text.Json;
using PushPlatform.KubectlPush.Resources;
using PushPlatform.KubectlPush.Text;
using Shouldly;
using Xunit;

namespace PushPlatform.Tests.Unit.KubectlPush;

/// <summary>A campaign's status as a person reads it.</summary>
public sealed class CampaignTextTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 22, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Details_WhilePushing_TellProgressRateAndWhatIsLeft()
    {
        string text = Details(Pushing(delivered: 600), perSecond: 10);

        text.ShouldContain("fleet/brakes, revision 2, pool default");
        text.ShouldContain("patch     brake-ecu 4.2.1 (Critical)");
        text.ShouldContain("phase     Pushing: 600 of 1000 delivered");
        text.ShouldContain($"{new string('#', 24)}!!{new string('.', 14)} 60% of 1000 cars");
        text.ShouldContain("open      300 pending, 50 in flight");
        text.ShouldContain("settled   600 delivered, 40 failed, 10 rejected");
        text.ShouldContain("rate      10/s of at most 100/s, 35s left at this rate");
    }

    [Fact]
    public void Details_OfSteps_ListThem() =>
        Details(Read("""{"status":{"phase":"Pushing","steps":[{"state":"Done","size":10,"attempted":10,"delivered":9,"failed":1},{"state":"Soaking","attempted":4}]}}""")).Split('\n')
            .Single(line => line.StartsWith("1 ", StringComparison.Ordinal)).ShouldBe("1      Done      10     10     9           1");

    [Fact]
    public void Details_OfACampaignThatNobodyHasSeen_SayThat() =>
        Details(Read("""{"metadata":{"namespace":"fleet","name":"brakes","generation":1}}""")).ShouldContain("the operator has not looked at it yet");

    [Fact]
    public void Details_SpecChangedSince_SayThatTheStatusIsOlder() =>
        Details(Read("""{"metadata":{"generation":3},"status":{"observedGeneration":2,"phase":"Pushing"}}""")).ShouldContain("has not seen the last change");

    [Fact]
    public void Details_OfAPhaseOfANewerOperator_ShowIt() => Details(Read("""{"status":{"phase":"Rewinding","message":"new"}}""")).ShouldContain("Rewinding: new");

    [Fact]
    public void Details_OfOneThatIsOver_SayWhatCameOfIt()
    {
        string text = Details(Read("""{"status":{"phase":"Aborted","outcome":"Superseded","supersededBy":"newer","message":"Aborted","counts":{"targeted":4,"delivered":1,"superseded":3}}}"""));

        text.ShouldContain("outcome   Superseded");
        text.ShouldContain("place     taken by campaign newer");
        text.ShouldContain("settled   1 delivered, 0 failed, 3 superseded");
    }

    [Fact]
    public void Details_AfterARetry_SayHowManyWereTriedAgain() =>
        Details(Read("""{"status":{"phase":"Pushing","message":"m","counts":{"targeted":40},"retry":{"round":2,"retried":13}}}""")).ShouldContain("retry     round 2: 13 cars tried again");

    [Fact]
    public void Details_OfADryRun_SayWhatWouldHaveBeen()
    {
        string text = Details(Read("""{"status":{"phase":"CatchingUp","message":"Dry run: 30 of 40 would have been told","counts":{"targeted":40,"pending":10,"suppressed":30,"rehearsed":30}}}"""));

        text.ShouldContain($"dry run   {new string('#', 30)}{new string('.', 10)} 30 of 40 cars would have been told, nothing is sent");
        text.ShouldNotContain("progress");
    }

    [Fact]
    public void Table_OfTwo_HasTheColumnsOfKubectl()
    {
        string[] lines = [.. CampaignText.Table([Pushing(delivered: 600), Read("""{"metadata":{"name":"a-much-longer-name"}}""")], withNamespace: false, Now)];

        lines[0].Split(' ', StringSplitOptions.RemoveEmptyEntries).ShouldBe(["NAME", "PHASE", "ONLINE", "TARGETED", "DELIVERED", "FAILED", "PERCENT", "AGE"]);
        lines[1].Split(' ', StringSplitOptions.RemoveEmptyEntries).ShouldBe(["brakes", "Pushing", "1000", "600", "40", "60", "60s"]);
        lines[1].IndexOf("Pushing", StringComparison.Ordinal).ShouldBe(lines[0].IndexOf("PHASE", StringComparison.Ordinal));
    }

    [Fact]
    public void Rate_OverLooks_IsOfTheLastHalfMinute()
    {
        Speed speed = new();
        speed.Note(Pushing(delivered: 0), Now);
        for (int second = 1; second <= 60; second++)
        {
            speed.Note(Pushing(delivered: second <= 30 ? 0 : (second - 30) * 20), Now.AddSeconds(second));
        }

        speed.Note(Pushing(delivered: 620), Now.AddSeconds(61)).ShouldNotBeNull().ShouldBe(20, 0.01);
    }

    [Fact]
    public void Rate_OfOneLook_IsTheMeanSinceTheStart() =>
        new Speed().Note(Pushing(delivered: 550), Now).ShouldNotBeNull().ShouldBe((550 + 50) / 60.0, 0.01);

    [Theory]
    [InlineData(45, "45s")]
    [InlineData(125, "2m5s")]
    [InlineData(1200, "20m")]
    [InlineData(3600 * 3, "3h")]
    [InlineData((3600 * 5) + 1260, "5h21m")]
    [InlineData(86400 * 9, "9d")]
    [InlineData(-3, "0s")]
    public void Age_IsWrittenAsKubectlDoes(int seconds, string text) => Numbers.Age(TimeSpan.FromSeconds(seconds)).ShouldBe(text);

    [Fact]
    public void Line_WithEscapes_IsText() => Plain.Line("a\u001b]0;owned\u0007b\nc").ShouldBe("a\uFFFD]0;owned\uFFFDb\uFFFDc");

    private static string Details(CampaignView campaign, double? perSecond = null) => string.Join('\n', CampaignText.Details(campaign, perSecond, [], Now));

    private static CampaignView Pushing(long delivered) => Read($$$"""
        {
          "metadata": {"namespace": "fleet", "name": "brakes", "generation": 1, "creationTimestamp": "2026-11-22T11:59:00Z"},
          "spec": {"revision": 2, "patch": {"id": "brake-ecu", "version": "4.2.1", "severity": "Critical"}, "pace": {"maxPerSecond": 100}},
          "status": {
            "observedGeneration": 1, "revision": 2, "phase": "Pushing", "message": "{{{delivered}}} of 1000 delivered", "percentDelivered": {{{delivered / 10}}}, "startedAt": "2026-11-22T11:59:00Z",
            "counts": {"targeted": 1000, "pending": 300, "inFlight": 50, "delivered": {{{delivered}}}, "failed": 40, "rejected": 10, "expired": 0, "suppressed": 0}
          }
        }
        """);

    private static CampaignView Read(string json) => Resource.Read<CampaignView>(JsonDocument.Parse(json).RootElement);
}
