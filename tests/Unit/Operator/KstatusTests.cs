using PushPlatform.Kubernetes.Models;
using PushPlatform.Operator.Api;
using Shouldly;
using Xunit;

namespace PushPlatform.Tests.Unit.Operator;

/// <summary>What Flux, Helm and everybody else who reads statuses by the rules of kstatus (cli-utils) make of ours.</summary>
public sealed class KstatusTests
{
    private const string Current = "Current";
    private const string InProgress = "InProgress";
    private const string Failed = "Failed";

    public static TheoryData<string> Campaigns { get; } = [.. CampaignScenes.Names];

    public static TheoryData<string> Pools { get; } = [.. PoolScenes.Names];

    [Theory]
    [InlineData("not seen yet", InProgress)]
    [InlineData("counting", InProgress)]
    [InlineData("scheduled", Current)]
    [InlineData("suspended while it is counted", InProgress)]
    [InlineData("suspended before the start", Current)]
    [InlineData("too many match", Current)]
    [InlineData("too few are online", Current)]
    [InlineData("nobody has approved it", Current)]
    [InlineData("denied while pushing", Current)]
    [InlineData("writing down the targets", InProgress)]
    [InlineData("pushing", Current)]
    [InlineData("suspended while pushing", Current)]
    [InlineData("outside its windows", Current)]
    [InlineData("paused by a limit", Current)]
    [InlineData("aborted by a limit", Current)]
    [InlineData("catching up", Current)]
    [InlineData("waits for another of the same patch", Current)]
    [InlineData("gives way to another", InProgress)]
    [InlineData("gave way to another", Current)]
    [InlineData("everybody has it", Current)]
    [InlineData("one car failed", Current)]
    [InlineData("nobody matches", Current)]
    [InlineData("being aborted", InProgress)]
    [InlineData("aborted", Current)]
    [InlineData("taken back after its end", Current)]
    [InlineData("taken back, and a higher revision comes", InProgress)]
    [InlineData("expired", Current)]
    [InlineData("a higher revision takes over", InProgress)]
    [InlineData("made again after its end", Current)]
    [InlineData("made again with another patch", Failed)]
    [InlineData("invalid", Failed)]
    [InlineData("invalid and suspended", Failed)]
    [InlineData("changed after the start", Failed)]
    [InlineData("ledger lost", Failed)]
    [InlineData("no pool", InProgress)]
    [InlineData("edited, not seen yet", InProgress)]
    [InlineData("Redis away at first sight", InProgress)]
    [InlineData("Redis away while pushing", InProgress)]
    [InlineData("Redis away while pushing, edited", InProgress)]
    [InlineData("Redis away after the end", InProgress)]
    [InlineData("bus away while pushing", InProgress)]
    public void Campaign_IsSeenAs(string scene, string expected)
    {
        PushCampaign campaign = CampaignScenes.Of(scene);

        Judge(campaign.Generation(), campaign.Status.ObservedGeneration, campaign.Status.Conditions ?? []).ShouldBe(expected);
    }

    [Theory]
    [InlineData("not seen yet", InProgress)]
    [InlineData("well", Current)]
    [InlineData("no Deployment yet", InProgress)]
    [InlineData("one node is not ready", InProgress)]
    [InlineData("a Secret is missing", InProgress)]
    [InlineData("a node is drained", Current)]
    [InlineData("a push holds fewer nodes up", Current)]
    [InlineData("Redis away", InProgress)]
    [InlineData("bus away", InProgress)]
    [InlineData("invalid", Failed)]
    [InlineData("a foreign Deployment in the way", Failed)]
    public void Pool_IsSeenAs(string scene, string expected)
    {
        PushPool pool = PoolScenes.Of(scene);

        Judge(pool.Generation(), pool.Status.ObservedGeneration, pool.Status.Conditions ?? []).ShouldBe(expected);
    }

    [Theory]
    [MemberData(nameof(Campaigns))]
    public void Campaign_IsClean(string scene) => BeClean(CampaignScenes.Of(scene).Status.Conditions ?? []);

    [Theory]
    [MemberData(nameof(Pools))]
    public void Pool_IsClean(string scene) => BeClean(PoolScenes.Of(scene).Status.Conditions ?? []);

    [Fact]
    public void Scenes_HoldEveryPhase() => Campaigns.Select(row => CampaignScenes.Of(row).Status.Phase).OfType<CampaignPhase>().Distinct()
        .ShouldBe(Enum.GetValues<CampaignPhase>(), ignoreOrder: true);

    private static void BeClean(IReadOnlyList<V1Condition> conditions)
    {
        conditions.Select(condition => condition.Type).ShouldBeUnique();
        conditions.ShouldAllBe(condition => condition.ObservedGeneration > 0 && condition.Reason.Length > 0 && condition.Message.Length > 0);
        conditions.Where(condition => condition.Type is "Reconciling" or "Stalled" or "Suspended" or "Paused").ShouldAllBe(condition => condition.Status == "True");
        conditions.Count(condition => condition.Type is "Reconciling" or "Stalled").ShouldBeLessThan(2);
    }

    /// <summary>The rules in the order in which kstatus asks them, without what concerns built-in kinds.</summary>
    private static string Judge(long generation, long? observed, IReadOnlyList<V1Condition> conditions)
    {
        if (observed is not null && observed != generation)
        {
            return InProgress;
        }
        if (Is("Reconciling", "True"))
        {
            return InProgress;
        }
        if (Is("Stalled", "True"))
        {
            return Failed;
        }
        return Is("Ready", "False") || Is("Ready", "Unknown") ? InProgress : Current;

        bool Is(string type, string status) => conditions.Any(condition => condition.Type == type && condition.Status == status);
    }
}
