using System.Globalization;

namespace PushPlatform.Scenarios.Cluster;

internal enum ScenarioResult
{
    Passed,
    Failed,
    Skipped,
}

/// <summary>A row of the table.</summary>
/// <param name="Outcome">Null when it did not get to its end.</param>
internal sealed record ScenarioRow(string Scenario, ScenarioResult Result, double Seconds, ScenarioOutcome? Outcome);

/// <summary>What is said when all scenarios have been played.</summary>
internal static class ScenarioTable
{
    private static readonly string[] Head = ["scenario", "result", "seconds", "cars", "missed", "seen twice"];

    public static IEnumerable<string> Lines(IReadOnlyList<ScenarioRow> rows)
    {
        List<string[]> cells = [Head, .. rows.Select(Cells)];
        int[] widths = [.. Head.Select((_, column) => cells.Max(row => row[column].Length))];
        foreach (string[] row in cells)
        {
            // Words to the left, numbers to the right.
            yield return string.Join("  ", row.Select((cell, column) => column < 2 ? cell.PadRight(widths[column]) : cell.PadLeft(widths[column])));
        }
        yield return $"{Count(rows, ScenarioResult.Passed)} passed, {Count(rows, ScenarioResult.Failed)} failed, {Count(rows, ScenarioResult.Skipped)} skipped";
    }

    private static int Count(IReadOnlyList<ScenarioRow> rows, ScenarioResult result) => rows.Count(row => row.Result == result);

    private static string[] Cells(ScenarioRow row) =>
    [
        row.Scenario,
        row.Result.ToString(),
        row.Seconds.ToString("0", CultureInfo.InvariantCulture),
        Number(row.Outcome?.Cars),
        Number(row.Outcome?.Missed),
        Number(row.Outcome?.SeenTwice),
    ];

    private static string Number(int? number) => number?.ToString(CultureInfo.InvariantCulture) ?? "–";
}
