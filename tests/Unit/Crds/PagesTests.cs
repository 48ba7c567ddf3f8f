using System.Reflection;
using PushPlatform.Operator.Api;
using PushPlatform.Operator.Approvals;
using PushPlatform.Operator.Campaigns;
using PushPlatform.Operator.Pools;
using PushPlatform.Tests.Resources;
using Shouldly;
using Xunit;

namespace PushPlatform.Tests.Unit.Crds;

/// <summary>The pages of <c>crds/</c> leave nothing out. With PUSH_FIELDS_PAGE=1 in the environment that of the fields is made anew instead.</summary>
public sealed class PagesTests
{
    private static readonly string Crds = Path.Combine(ResourceTable.Root, "crds");

    /// <summary>What <c>kubectl</c> shows in a column, a condition or an event.</summary>
    public static TheoryData<string> Words() =>
    [
        .. Enum.GetNames<CampaignPhase>(),
        .. Enum.GetNames<Outcome>(),
        .. new[] { typeof(Reasons), typeof(PoolReasons), typeof(ApprovalReasons) }
            .SelectMany(catalogue => catalogue.GetFields(BindingFlags.Public | BindingFlags.Static))
            .Select(reason => (string)reason.GetRawConstantValue()!)
            .Distinct(),
    ];

    [Fact]
    public void RecipesPage_NamesEverySampleOfACampaign()
    {
        string page = File.ReadAllText(Path.Combine(Crds, "recipes.md"));

        Directory.EnumerateFiles(Path.Combine(Crds, "samples"), "*.yaml")
            .Select(file => Path.GetFileName(file)!)
            .Where(file => !file.StartsWith("pool", StringComparison.Ordinal) && !page.Contains($"](samples/{file})", StringComparison.Ordinal))
            .ShouldBeEmpty();
    }

    [Fact]
    public void FieldsPage_IsMadeFromTheDefinitions()
    {
        string file = Path.Combine(Crds, "fields.md");
        if (Environment.GetEnvironmentVariable("PUSH_FIELDS_PAGE") == "1")
        {
            File.WriteAllText(file, FieldsPage.Text());
        }
        File.ReadAllText(file).ShouldBe(FieldsPage.Text(), "run this class with PUSH_FIELDS_PAGE=1");
    }

    [Theory]
    [MemberData(nameof(Words))]
    public void PhasesAndReasons_EachHasALine(string word) => File.ReadAllText(Path.Combine(Crds, "reasons.md")).ShouldContain($"| `{word}` |", Case.Sensitive);
}
