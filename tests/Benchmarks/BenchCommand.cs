using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using PushPlatform.Benchmarks.Report;
using PushPlatform.Benchmarks.Scenarios;

namespace PushPlatform.Benchmarks;

/// <summary>The command line of <c>tests/bench</c>.</summary>
internal static class BenchCommand
{
    private static readonly IScenario[] Scenarios =
    [
        new IdleScenario(), new BroadcastScenario(), new CampaignScenario(), new RateScenario(), new StormScenario(), new LimitScenario(), new LatencyScenario(),
        new LedgerScenario(), new OperatorScenario(), new ListsScenario(), new ScaleScenario(),
    ];

    public static RootCommand Create()
    {
        Argument<string[]> only = new("scenario") { Description = "Only these.", Arity = ArgumentArity.ZeroOrMore };
        only.AcceptOnlyFromAmong([.. Scenarios.Select(scenario => scenario.Name)]);
        Option<bool> peers = new("--peers") { Description = "Other people's servers too." };
        Option<int> connections = new("--connections") { Description = "How many cars, at most 19000.", DefaultValueFactory = _ => 15_000 };
        Option<bool> json = new("--json") { Description = "One JSON object on standard output." };
        Option<bool> quick = new("--quick") { Description = "Short times, for work on the node and on the benchmark: rough figures." };
        connections.Validators.Add(result =>
        {
            if (result.GetValue(connections) is < 1 or > 19_000)
            {
                result.AddError("--connections is a number from 1 to 19000.");
            }
        });
        RootCommand command = new("The push node at its limits, beside others on the same work.") { only, peers, connections, json, quick };
        command.SetAction((parsed, _) => RunAsync(
            new BenchOptions(parsed.GetValue(connections), parsed.GetValue(peers), parsed.GetValue(quick)),
            parsed.GetValue(only) ?? [], parsed.GetValue(json)));
        return command;
    }

    private static async Task<int> RunAsync(BenchOptions options, string[] only, bool json)
    {
        BenchReport report = new(Facts(options));
        await using (Workbench bench = await Workbench.SetUpAsync(options))
        {
            foreach (IScenario scenario in Scenarios.Where(scenario => only.Length == 0 || only.Contains(scenario.Name)))
            {
                try
                {
                    await scenario.RunAsync(bench, report);
                }
                catch (Exception fault)
                {
                    // Whatever it was: the figures of the other scenarios are not to be lost for it.
                    report.Failures.Add($"{scenario.Name}: {fault.Message}");
                    Workbench.Say(report.Failures[^1]);
                }
            }
        }

        Console.WriteLine(json ? JsonSerializer.Serialize(report, BenchReportJson.Default.BenchReport) : Text(report));
        return report.Failures.Count == 0 ? 0 : 1;
    }

    private static string Text(BenchReport report) => string.Join(
        '\n',
        [
            .. report.Tables.Select(table => table.ToString()),
            $"{report.Machine.Cores} cores, Linux {report.Machine.Kernel}, load {report.Machine.Load:0.0} at the start{(report.Machine.Quick ? "; --quick: rough figures" : "")}",
            .. report.Goals.Select(target => target.ToString()),
            .. report.Failures.Select(failure => $"not run  {failure}"),
        ]);

    private static MachineFacts Facts(BenchOptions options) => new(
        Environment.ProcessorCount,
        Environment.OSVersion.Version.ToString(),
        double.Parse(File.ReadAllText("/proc/loadavg").Split(' ')[0], CultureInfo.InvariantCulture),
        options.Connections,
        options.Quick);
}
