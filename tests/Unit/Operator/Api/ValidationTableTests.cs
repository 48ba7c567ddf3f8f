using System.Text.Json;
using System.Text.Json.Nodes;
using PushPlatform.Delivery;
using PushPlatform.Kubernetes.Client;
using PushPlatform.Operator.Api;
using PushPlatform.Operator.Api.Validation;
using PushPlatform.Tests.Resources;
using Shouldly;
using Xunit;

namespace PushPlatform.Tests.Unit.Operator.Api;

/// <summary>The operator's answer to every row of the table.</summary>
public sealed class ValidationTableTests
{
    private static readonly KubernetesJson Json = new(ApiJsonContext.Default);

    // JSON reading is more generous than the schema here, which every API server enforces, and what is read is meant as it is read.
    private static readonly HashSet<string> ReadLeniently = ["patch-severity-lower-case", "schedule-start-without-time"];

    public static TheoryData<string> Campaigns { get; } = [.. ResourceTable.Names("campaigns", _ => true)];

    public static TheoryData<string> Pools { get; } = [.. ResourceTable.Names("pools", _ => true)];

    public static TheoryData<string> Approvals { get; } = [.. ResourceTable.Names("campaignapprovals", _ => true)];

    [Theory]
    [MemberData(nameof(Campaigns))]
    public void Campaign_AnyRow_IsJudgedAsTheTableSays(string name)
    {
        ResourceRow row = ResourceTable.Row("campaigns", name);
        Judge(row, () =>
        {
            PushCampaign campaign = Parse<PushCampaign>(row.New);
            PushCampaignStatus? previous = row.Old is null ? null : Remembered(Parse<PushCampaign>(row.Old));
            return CampaignValidation.Faults(campaign, previous, HashOf(campaign));
        });
    }

    [Theory]
    [MemberData(nameof(Pools))]
    public void Pool_AnyRow_IsJudgedAsTheTableSays(string name)
    {
        ResourceRow row = ResourceTable.Row("pools", name);
        Judge(row, () => PoolValidation.Faults(Parse<PushPool>(row.New), row.Old is null ? null : Parse<PushPool>(row.Old).Status));
    }

    [Theory]
    [MemberData(nameof(Approvals))]
    public void Approval_AnyRow_IsJudgedAsTheTableSays(string name)
    {
        ResourceRow row = ResourceTable.Row("campaignapprovals", name);
        Judge(row, () => ApprovalValidation.Faults(
            Parse<PushCampaignApproval>(row.New),
            row.Old is null ? null : new PushCampaignApprovalStatus { Recorded = ApprovalValidation.Recorded(Parse<PushCampaignApproval>(row.Old).Spec) }));
    }

    [Fact]
    public void Campaign_SeveralFaults_AllAreNamed()
    {
        PushCampaign campaign = Parse<PushCampaign>(ResourceTable.Row("campaigns", "minimal").New);
        campaign.Spec = campaign.Spec with { Revision = 0, Targets = new() { Vids = ["a b", "{c}"] }, Pace = new() { MaxPerSecond = 0 } };

        CampaignValidation.Faults(campaign, previous: null).Select(fault => fault.Path)
            .ShouldBe(["spec.revision", "spec.targets.vids[0]", "spec.targets.vids[1]", "spec.pace.maxPerSecond"]);
    }

    /// <summary>The pool is another resource, so no schema can say it.</summary>
    [Theory]
    [InlineData(SessionMode.Single, "spec.targets.vids[1] spec.targets.excludeVids[0]")]
    [InlineData(SessionMode.PerDevice, "")]
    [InlineData(null, "")]
    public void Campaign_NamesADevice_IsRefusedWhereThePoolTellsNoneApart(SessionMode? sessions, string paths)
    {
        PushCampaign campaign = Parse<PushCampaign>(ResourceTable.Row("campaigns", "minimal").New);
        campaign.Spec = campaign.Spec with { Targets = new() { Vids = ["car-1", "car-2/left"], ExcludeVids = ["car-1/left"] } };

        IReadOnlyList<Fault> faults = CampaignValidation.Faults(campaign, previous: null, sessions: sessions);

        string.Join(' ', faults.Select(fault => fault.Path)).ShouldBe(paths);
        faults.ShouldAllBe(fault => fault.Message.Contains("sessions: Single"));
    }

    [Fact]
    public void Campaign_ContentHashNotKnown_FreezeIsNotJudged()
    {
        ResourceRow row = ResourceTable.Row("campaigns", "update-patch-after-the-start");

        CampaignValidation.Faults(Parse<PushCampaign>(row.New), Remembered(Parse<PushCampaign>(row.Old!)), contentHash: null).ShouldBeEmpty();
    }

    private static void Judge(ResourceRow row, Func<IReadOnlyList<Fault>> judge)
    {
        IReadOnlyList<Fault> faults;
        try
        {
            faults = judge();
        }
        catch (JsonException) when (row.Verdict is Verdict.BadBySchema)
        {
            // What cannot even be read was refused by the schema: no server lets it through to the operator.
            return;
        }
        if (row.Verdict is Verdict.Good)
        {
            faults.ShouldBeEmpty();
            return;
        }
        if (row.Verdict is Verdict.BadBySchema)
        {
            if (!ReadLeniently.Contains(row.Name))
            {
                faults.ShouldNotBeEmpty();
                faults.ShouldAllBe(fault => fault.Path.StartsWith(row.Words, StringComparison.Ordinal));
            }
            return;
        }
        faults.ShouldHaveSingleItem().ToString().ShouldContain(row.Words);
    }

    // What the operator has in its status once it has seen the old resource and made its ledger.
    private static PushCampaignStatus Remembered(PushCampaign old) => old.Status.StartedAt is null
        ? old.Status
        : old.Status with { Ledger = new() { Id = "1", ContentHash = HashOf(old) } };

    private static string HashOf(PushCampaign campaign) => ContentHash.Of(campaign.Spec.Patch, campaign.Spec.Targets, []);

    private static T Parse<T>(JsonObject resource) => resource.Deserialize(Json.TypeInfo<T>())!;
}
