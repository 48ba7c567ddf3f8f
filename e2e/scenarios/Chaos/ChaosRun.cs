using System.Globalization;
using PushPlatform.Kubernetes.Client;
using PushPlatform.Operator.Api;
using PushPlatform.Scenarios.Stages;

namespace PushPlatform.Scenarios.Chaos;

/// <summary>Schedules one after the other, on one stage for as long as all goes well: a failed one may have left anything behind.</summary>
internal sealed class ChaosRun(TextWriter output, TimeProvider time) : IAsyncDisposable
{
    private const int Nodes = 2;

    private Stage? _stage;

    public int Passed { get; private set; }

    public int Failed { get; private set; }

    /// <summary>Schedules that broke nothing but a time that this process, being starved, could not measure.</summary>
    public int Inconclusive { get; private set; }

    /// <summary>Plays it, says what came of it and counts it.</summary>
    /// <exception cref="TimeoutException">The stage does not get ready.</exception>
    public async Task PlayAsync(Schedule schedule, CancellationToken cancellationToken)
    {
        Stage stage = _stage ??= await NewStageAsync(cancellationToken);
        await stage.UntilReadyAsync(Nodes, cancellationToken);
        foreach (string line in ScheduleTable.Of(schedule))
        {
            await output.WriteLineAsync(line);
        }
        long begin = time.GetTimestamp();
        (IReadOnlyList<Finding> findings, string seen) = await TryAsync(stage, schedule, cancellationToken);
        string verdict = findings.Count == 0 ? "passed" : findings.All(finding => finding.Inconclusive) ? "INCONCLUSIVE" : "FAILED";
        await output.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"seed {schedule.Seed} {verdict} in {time.GetElapsedTime(begin).TotalSeconds:0.0} s: {seen}"));
        foreach (Finding finding in findings)
        {
            await output.WriteLineAsync($"  {finding.Guarantee}{(finding.Inconclusive ? " (this process was starved)" : "")}: {finding.What}");
        }
        await CountAsync(stage, schedule, verdict);
    }

    public async ValueTask DisposeAsync()
    {
        if (_stage is not null)
        {
            await _stage.DisposeAsync();
        }
    }

    private async Task CountAsync(Stage stage, Schedule schedule, string verdict)
    {
        switch (verdict)
        {
            case "passed":
                Passed++;
                break;
            case "INCONCLUSIVE":
                Inconclusive++;
                break;
            default:
                Failed++;
                await output.WriteLineAsync($"  logs: {await KeepLogsAsync(stage, schedule)}");
                await output.WriteLineAsync($"  again: tests/chaos --seed {schedule.Seed}");
                _stage = null;
                await stage.DisposeAsync();
                break;
        }
    }

    private async Task<(IReadOnlyList<Finding> Findings, string Seen)> TryAsync(Stage stage, Schedule schedule, CancellationToken cancellationToken)
    {
        try
        {
            await using Player player = new(stage, schedule, time);
            Observations seen = await player.PlayAsync(cancellationToken);
            string starved = seen.Starved.Count == 0
                ? ""
                : string.Create(CultureInfo.InvariantCulture, $", this process starved {seen.Starved.Count} times, {seen.Starved.Max(gap => gap.To - gap.From).TotalSeconds:0.0} s at most");
            return (Checker.Check(seen), $"{seen.Revisions.Count} revisions, {seen.Cars.Count} cars, {seen.Copies.Count} copies{starved}");
        }
        catch (Exception broken) when (broken is TimeoutException or KubernetesException or InvalidOperationException or IOException)
        {
            return ([new Finding("G1", $"it could not be played to its end: {broken}")], "");
        }
    }

    // Dead links are noticed after 3 s instead of 15 s: the schedules are short.
    private async Task<Stage> NewStageAsync(CancellationToken cancellationToken)
    {
        Stage stage = await Stage.SetUpAsync(
            new StageOptions
            {
                Nodes = Nodes,
                Operators = 2,
                Links = true,
                Pool = pool => pool with { Heartbeat = new Heartbeat { IntervalSeconds = 1, TimeoutSeconds = 2 } },
                Time = time,
            },
            cancellationToken);
        await stage.UntilAsync("an operator to lead", async token => await stage.Pods.LeaderAsync(token) is not null, cancellationToken);
        return stage;
    }

    private static async Task<string> KeepLogsAsync(Stage stage, Schedule schedule)
    {
        string folder = await StageReport.WriteAsync(stage, $"chaos-{schedule.Seed}");
        await File.WriteAllLinesAsync(Path.Combine(folder, "schedule"), ScheduleTable.Of(schedule));
        return folder;
    }
}
