using System.Text.Json;
using System.Text.Json.Nodes;
using PushPlatform.Kubernetes.Client;
using PushPlatform.LocalCluster.Api;
using PushPlatform.LocalCluster.Api.Schemas;
using PushPlatform.Operator.Api;
using PushPlatform.Operator.Api.Validation;
using PushPlatform.Tests.Resources;
using Shouldly;
using Xunit;

namespace PushPlatform.Tests.Unit.Operator.Api;

/// <summary>The schemas' answer to every row of the table, and to the samples.</summary>
public sealed class SchemaTableTests
{
    private static readonly KubernetesJson Json = new(ApiJsonContext.Default);

    public static TheoryData<string> Campaigns { get; } = [.. ResourceTable.Names("campaigns", _ => true)];

    public static TheoryData<string> Pools { get; } = [.. ResourceTable.Names("pools", _ => true)];

    public static TheoryData<string> Approvals { get; } = [.. ResourceTable.Names("campaignapprovals", _ => true)];

    public static TheoryData<string> Samples { get; } =
        [.. Directory.EnumerateFiles(Path.Combine(ResourceTable.Root, "crds", "samples"), "*.yaml").Select(file => Path.GetFileName(file)).Order()];

    [Theory]
    [MemberData(nameof(Campaigns))]
    public void CampaignSchema_AnyRow_IsJudgedAsTheTableSays(string name) => Judge("pushcampaigns", ResourceTable.Row("campaigns", name));

    [Theory]
    [MemberData(nameof(Pools))]
    public void PoolSchema_AnyRow_IsJudgedAsTheTableSays(string name) => Judge("pushpools", ResourceTable.Row("pools", name));

    [Theory]
    [MemberData(nameof(Approvals))]
    public void ApprovalSchema_AnyRow_IsJudgedAsTheTableSays(string name) => Judge("pushcampaignapprovals", ResourceTable.Row("campaignapprovals", name));

    [Theory]
    [MemberData(nameof(Samples))]
    public void Sample_Each_IsValidAndHasNoUnknownField(string file)
    {
        string yaml = File.ReadAllText(Path.Combine(ResourceTable.Root, "crds", "samples", file));
        JsonObject sample = YamlJson.Documents(yaml).ShouldHaveSingleItem();
        Schema schema = SchemaOf($"{((string)sample["kind"]!).ToLowerInvariant()}s");

        yaml.ShouldStartWith("# ");
        Validation.Faults(sample, schema).ShouldBeEmpty();
        Pruning.Apply((JsonObject)sample.DeepClone(), schema).ShouldBeEmpty();
        IReadOnlyList<Fault> faults = (string)sample["kind"]! switch
        {
            "PushPool" => PoolValidation.Faults(sample.Deserialize(Json.TypeInfo<PushPool>())!, previous: null),
            "PushCampaign" => CampaignValidation.Faults(sample.Deserialize(Json.TypeInfo<PushCampaign>())!, previous: null),
            _ => ApprovalValidation.Faults(sample.Deserialize(Json.TypeInfo<PushCampaignApproval>())!, previous: null),
        };
        faults.ShouldBeEmpty();
    }

    [Fact]
    public void Recipe_InYaml_IsValidAndHasNoUnknownField()
    {
        string page = File.ReadAllText(Path.Combine(ResourceTable.Root, "crds", "recipes.md"));
        JsonObject recipe = YamlJson.Documents(page.Split("```yaml")[1].Split("```")[0]).ShouldHaveSingleItem();
        Schema schema = SchemaOf("pushcampaigns");

        Validation.Faults(recipe, schema).ShouldBeEmpty();
        Pruning.Apply((JsonObject)recipe.DeepClone(), schema).ShouldBeEmpty();
        CampaignValidation.Faults(recipe.Deserialize(Json.TypeInfo<PushCampaign>())!, previous: null).ShouldBeEmpty();
    }

    /// <summary>A feature that no sample shows is a feature that nobody finds.</summary>
    [Theory]
    [InlineData("PushCampaign", "pushcampaigns")]
    [InlineData("PushPool", "pushpools")]
    [InlineData("PushCampaignApproval", "pushcampaignapprovals")]
    public void Samples_Together_ShowEveryField(string kind, string plural)
    {
        HashSet<string> shown = [];
        foreach (string file in Directory.EnumerateFiles(Path.Combine(ResourceTable.Root, "crds", "samples"), "*.yaml"))
        {
            JsonObject sample = YamlJson.Documents(File.ReadAllText(file))[0];
            if ((string?)sample["kind"] == kind)
            {
                Collect("", sample["spec"], shown);
            }
        }
        IEnumerable<string> fields = Fields("", (JsonObject)ResourceTable.SchemaOf(plural)["properties"]!["spec"]!);

        // The shapes of exclude are those of include.
        fields.Where(field => !shown.Contains(field.Replace(".geo.exclude.", ".geo.include.", StringComparison.Ordinal))).ShouldBeEmpty();
    }

    private static void Judge(string plural, ResourceRow row)
    {
        IReadOnlyList<FieldFault> faults = Validation.Faults(row.New, SchemaOf(plural));
        if (row.Verdict is not Verdict.BadBySchema)
        {
            faults.ShouldBeEmpty();
            return;
        }
        faults.ShouldNotBeEmpty();
        faults.ShouldAllBe(fault => fault.Path.StartsWith(row.Words, StringComparison.Ordinal));
    }

    private static Schema SchemaOf(string plural) => Schema.Parse(ResourceTable.SchemaOf(plural)).ForRoot(Schema.Anything);

    private static void Collect(string path, JsonNode? node, HashSet<string> shown)
    {
        shown.Add(path);
        foreach ((string name, JsonNode? member) in node as JsonObject ?? [])
        {
            Collect($"{path}.{name}", member, shown);
        }
        foreach (JsonNode? item in node as JsonArray ?? [])
        {
            Collect(path, item, shown);
        }
    }

    private static IEnumerable<string> Fields(string path, JsonObject schema) =>
        (schema["properties"] as JsonObject ?? (schema["items"] as JsonObject)?["properties"] as JsonObject ?? [])
        .SelectMany(field => Fields($"{path}.{field.Key}", (JsonObject)field.Value!).Prepend($"{path}.{field.Key}"));
}
