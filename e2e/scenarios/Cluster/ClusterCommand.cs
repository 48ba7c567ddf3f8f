using System.CommandLine;
using PushPlatform.Delivery;
using PushPlatform.Kubernetes.Client;
using PushPlatform.Kubernetes.Configuration;
using PushPlatform.Scenarios.Stages;

namespace PushPlatform.Scenarios.Cluster;

/// <summary>The command line of <c>e2e/run</c>, once the chart is installed.</summary>
internal static class ClusterCommand
{
    /// <summary>In the order in which they are played.</summary>
    private static readonly IReadOnlyList<IClusterScenario> All =
    [
        new HotfixScenario(),
        new BreakdownsScenario(),
        new RolloutScenario(),
        new EvictionScenario(),
        new CutScenario(),
        new AutoscaleScenario(),
        new SamplesScenario(),
        new UpgradeScenario(),
        new GitOpsScenario(),
        new UninstallScenario(),
        new ReinstallScenario(),
        new NamespacedScenario(),
        new OperatorsScenario(),
        new RightsScenario(),
        new SpecsScenario(),
    ];

    public static Command Create(TimeProvider time)
    {
        Argument<string[]> scenarios = new("scenario") { Description = $"Which ones: {string.Join(", ", All.Select(scenario => scenario.Name))}. Default: all.", Arity = ArgumentArity.ZeroOrMore };
        Option<string> space = new("--namespace") { Description = "Of the pool and its campaigns.", DefaultValueFactory = _ => "default" };
        Option<string> service = new("--service") { Description = "Where cars connect to the pool's Service.", Required = true };
        Option<string> nginx = new("--nginx") { Description = "Where cars connect to nginx.", Required = true };
        Option<string> redis = new("--redis") { Description = "Redis, for the audit.", Required = true };
        scenarios.Validators.Add(result =>
        {
            foreach (string unknown in result.Tokens.Select(token => token.Value).Where(name => All.All(scenario => scenario.Name != name)))
            {
                result.AddError($"There is no scenario '{unknown}'; there are {string.Join(", ", All.Select(scenario => scenario.Name))}.");
            }
        });

        Command command = new("cluster", "Users' stories on a real cluster, where the chart is installed ($KUBECONFIG).") { scenarios, space, service, nginx, redis };
        command.SetAction((parsed, cancellationToken) => RunAsync(
            new ClusterOptions(parsed.GetValue(space)!, new Uri(parsed.GetRequiredValue(service)), new Uri(parsed.GetRequiredValue(nginx)), parsed.GetRequiredValue(redis)),
            parsed.GetValue(scenarios) is { Length: > 0 } names ? [.. All.Where(scenario => names.Contains(scenario.Name))] : All,
            time,
            cancellationToken));
        return command;
    }

    private static async Task<int> RunAsync(ClusterOptions options, IReadOnlyList<IClusterScenario> scenarios, TimeProvider time, CancellationToken cancellationToken)
    {
        long begin = time.GetTimestamp();
        void Say(string what) => Console.Error.WriteLine($"{time.GetElapsedTime(begin).TotalSeconds,5:0} s  {what}");
        ClusterStage stage = new(options, new KubernetesClient(KubeConfigLoader.LoadDefault(time), Manifests.Json, time: time), Say, time);
        List<ScenarioRow> rows = [];
        foreach (IClusterScenario scenario in scenarios)
        {
            Say($"── {scenario.Name}: {scenario.Story}");
            rows.Add(await PlayAsync(scenario, stage, cancellationToken));
        }

        foreach (string line in ScenarioTable.Lines(rows))
        {
            Console.WriteLine(line);
        }
        return rows.TrueForAll(row => row.Result != ScenarioResult.Failed) && rows.Exists(row => row.Result == ScenarioResult.Passed) ? 0 : 1;
    }

    private static async Task<ScenarioRow> PlayAsync(IClusterScenario scenario, ClusterStage stage, CancellationToken cancellationToken)
    {
        long begin = stage.Time.GetTimestamp();
        ScenarioOutcome? outcome = null;
        try
        {
            outcome = await scenario.PlayAsync(stage, cancellationToken);
            foreach (string fault in outcome.Faults.Take(20))
            {
                stage.Say($"NOT as it must be: {fault}");
            }
        }
        catch (Exception broken) when (broken is TimeoutException or StoreUnavailableException or KubernetesException or HttpRequestException or IOException or InvalidOperationException)
        {
            stage.Say($"{scenario.Name} did not get to its end: {broken.Message}");
        }
        ScenarioResult result = outcome is { Faults.Count: 0 } ? ScenarioResult.Passed : ScenarioResult.Failed;
        return new ScenarioRow(scenario.Name, result, stage.Time.GetElapsedTime(begin).TotalSeconds, outcome);
    }
}
