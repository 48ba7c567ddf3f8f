namespace PushPlatform.Scenarios.Cluster;

/// <summary>
/// What our Kubernetes client, its informer, the operator's framework and the table of resources expect of an API server, asked of this one. No operator looks on: it would change what the
/// specs make.
/// </summary>
internal sealed class SpecsScenario : IClusterScenario
{
    private const string Operator = "deployment/push-platform-operator";
    private const string OperatorLabel = "app.kubernetes.io/component=operator";

    public string Name => "specs";

    public string Story => "The specs of our Kubernetes client and informer hold on this API server";

    public async Task<ScenarioOutcome> PlayAsync(ClusterStage stage, CancellationToken cancellationToken)
    {
        string replicas = await stage.Kubectl.RunAsync(cancellationToken, "get", Operator, "--output", "jsonpath={.spec.replicas}");
        await stage.Kubectl.RunAsync(cancellationToken, "scale", Operator, "--replicas=0");
        try
        {
            await stage.UntilAsync("the operator to be gone", async token => (await stage.Pods.NamesAsync(OperatorLabel, token)).Count == 0, cancellationToken);
            stage.Say("The operator is away. The specs run");
            SpecReport report = await SpecSuite.RunAsync(cancellationToken);
            stage.Say($"{report.Passed} passed, {report.Failed.Count} failed, {report.Skipped.Count} skipped");
            foreach ((string spec, string reason) in report.Skipped)
            {
                stage.Say($"Skipped: {spec}: {reason}");
            }
            // The operator is not to meet what they made.
            await stage.UntilAsync(
                "the specs' namespaces to be gone",
                async token => !(await stage.Kubectl.RunAsync(token, "get", "namespaces", "--output", "name")).Contains("namespace/spec-", StringComparison.Ordinal),
                cancellationToken);
            return new ScenarioOutcome(0, 0, 0, [.. report.Failed, .. report.Passed == 0 ? ["no spec was asked"] : Array.Empty<string>()]);
        }
        finally
        {
            await stage.Kubectl.RunAsync(CancellationToken.None, "scale", Operator, $"--replicas={replicas}");
            await stage.Kubectl.RunAsync(CancellationToken.None, "rollout", "status", Operator, "--timeout=3m");
            stage.Say("The operator is back");
        }
    }
}
