using PushPlatform.Scenarios.Cluster;
using Shouldly;
using Xunit;

namespace PushPlatform.Tests.Unit.Scenarios;

public sealed class ScenarioTableTests
{
    [Fact]
    public void Lines_OfAllResults_AreATableAndTheSum()
    {
        ScenarioRow[] rows =
        [
            new("hotfix", ScenarioResult.Passed, 21.4, new ScenarioOutcome(2100, 0, 0, [])),
            new("breakdowns", ScenarioResult.Failed, 180.6, null),
            new("drain", ScenarioResult.Skipped, 0, null),
        ];

        ScenarioTable.Lines(rows).ShouldBe(
        [
            "scenario    result   seconds  cars  missed  seen twice",
            "hotfix      Passed        21  2100       0           0",
            "breakdowns  Failed       181     –       –           –",
            "drain       Skipped        0     –       –           –",
            "1 passed, 1 failed, 1 skipped",
        ]);
    }
}
