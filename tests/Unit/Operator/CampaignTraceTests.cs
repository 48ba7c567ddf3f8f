using PushPlatform.Delivery.Telemetry;
using PushPlatform.Operator.Api;
using PushPlatform.Operator.Campaigns;
using Shouldly;
using Xunit;

namespace PushPlatform.Tests.Unit.Operator;

public sealed class CampaignTraceTests
{
    private const string Given = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

    [Fact]
    public void Order_FromPreviewToOpen_KeepsOneTrace_AlsoAcrossACrash()
    {
        CampaignWorld world = new();
        world.Pass();
        string trace = world.Order!.TraceParent!;
        TraceParent.TryParse(trace, out _).ShouldBeTrue(trace);
        world.Order.Notice.ShouldContain($"\"traceparent\":\"{trace}\"");
        world.Crash();
        world.PreviewedShards = 16;
        world.Settle();
        world.Freeze(16, world.Matching);
        world.Settle();
        world.Order!.Gate.ShouldBe(PushPlatform.Delivery.Orders.Gate.Open);
        world.Order.TraceParent.ShouldBe(trace);
        world.Order.Notice.ShouldContain(trace);
    }

    [Fact]
    public void OrderIsGone_SameTraceAgain()
    {
        CampaignWorld world = new();
        world.Pass();
        string trace = world.Order!.TraceParent!;
        world.Order = null;
        world.Pass();
        world.Order!.TraceParent.ShouldBe(trace);
    }

    [Fact]
    public void Annotation_OfWhoApplies_IsContinued_AndReadOnceARevision()
    {
        CampaignWorld world = new();
        Annotate(world, Given);
        world.Pass();
        world.Order!.TraceParent.ShouldBe(Given);
        Annotate(world, Given.Replace('a', 'b'));
        world.Pass();
        world.Order!.TraceParent.ShouldBe(Given);
    }

    [Theory]
    [InlineData("")]
    [InlineData("hello")]
    [InlineData("00-00000000000000000000000000000000-b7ad6b7169203331-01")]
    [InlineData("00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01")]
    [InlineData("ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")]
    [InlineData(Given + "-more")]
    public void Annotation_ThatIsNoTraceParent_IsAsIfAbsent(string annotation)
    {
        CampaignWorld plain = new();
        plain.Pass();
        CampaignWorld world = new();
        Annotate(world, annotation);
        world.Pass();
        world.Order!.TraceParent.ShouldBe(plain.Order!.TraceParent);
    }

    [Fact]
    public void AnotherRevision_AndAnotherResource_HaveTracesOfTheirOwn()
    {
        string[] traces = [.. new[] { ("uid-1", 1), ("uid-1", 2), ("uid-2", 1) }.Select(pair =>
        {
            CampaignWorld world = new() { Campaign = CampaignWorld.NewCampaign(pair.Item1) };
            world.Edit(spec => spec with { Revision = pair.Item2 });
            world.Pass();
            return world.Order!.TraceParent!;
        })];
        traces.Distinct().Count().ShouldBe(3);
    }

    private static void Annotate(CampaignWorld world, string trace) => world.Campaign = new PushCampaign
    {
        Metadata = world.Campaign!.Metadata with { Annotations = new Dictionary<string, string> { [CampaignTrace.Annotation] = trace } },
        Spec = world.Campaign.Spec,
        Status = world.Campaign.Status,
    };
}
