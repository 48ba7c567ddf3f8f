namespace PushPlatform.Scenarios.Cluster;

/// <summary>
/// Somebody has got into a pod. What could they do to the cluster from there? As the operator, no more than it needs; from every other pod of the installation nothing at
/// all, and there is no token in it.
/// </summary>
internal sealed class RightsScenario : IClusterScenario
{
    private const string Token = "/var/run/secrets/kubernetes.io/serviceaccount";
    private const string Operators = "app.kubernetes.io/instance=push-platform,app.kubernetes.io/component=operator";

    /// <summary>Redis, RabbitMQ and nginx; and the nodes.</summary>
    private static readonly string[] Others = ["app.kubernetes.io/instance=push-platform,app.kubernetes.io/component!=operator", $"pushplatform.io/pool={ClusterOptions.Pool}"];

    public string Name => "rights";

    public string Story => "Operator and nodes may do to the cluster what they need, and nothing else; only the operator has a token";

    public async Task<ScenarioOutcome> PlayAsync(ClusterStage stage, CancellationToken cancellationToken)
    {
        IReadOnlyList<(string Pod, string Account)> operators = await PodsAsync(stage, Operators, cancellationToken);
        IReadOnlyList<(string Pod, string Account)> others = [.. await PodsAsync(stage, Others[0], cancellationToken), .. await PodsAsync(stage, Others[1], cancellationToken)];
        List<string> faults = [];
        foreach (string account in operators.Select(pod => pod.Account).Distinct())
        {
            foreach ((string to, string[] rights) in RightsTable.Must)
            {
                faults.AddRange(await FaultsAsync(stage, account, to, rights, true, cancellationToken));
            }
            foreach ((string to, string[] rights) in RightsTable.MustNot)
            {
                faults.AddRange(await FaultsAsync(stage, account, to, rights, false, cancellationToken));
            }
        }
        string[] all = [.. RightsTable.Must.Concat(RightsTable.MustNot).SelectMany(line => line.Rights)];
        foreach (string account in others.Select(pod => pod.Account).Distinct())
        {
            faults.AddRange(await FaultsAsync(stage, account, "do any of that", all, false, cancellationToken));
        }
        foreach ((string pod, _) in operators)
        {
            faults.AddRange(await TokenFaultsAsync(stage, pod, true, cancellationToken));
        }
        foreach ((string pod, _) in others)
        {
            faults.AddRange(await TokenFaultsAsync(stage, pod, false, cancellationToken));
        }
        stage.Say($"{operators.Count} pods have a token, and {others.Count} have none");
        return new ScenarioOutcome(0, 0, 0, faults);
    }

    /// <exception cref="InvalidOperationException">There is none: nothing would be asked.</exception>
    private static async Task<IReadOnlyList<(string Pod, string Account)>> PodsAsync(ClusterStage stage, string labels, CancellationToken cancellationToken)
    {
        string said = await stage.Kubectl.RunAsync(
            cancellationToken, "get", "pods", "--selector", labels, "--field-selector", "status.phase=Running", "--output", """jsonpath={range .items[*]}{.metadata.name} {.spec.serviceAccountName} {.metadata.deletionTimestamp}{"\n"}{end}""");
        List<(string, string)> pods = [.. said.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries)).Where(IsThere).Select(words => (words[0], $"{stage.Options.Namespace}:{words[1]}"))];
        return pods.Count > 0 ? pods : throw new InvalidOperationException($"There is no pod with {labels}.");
    }

    /// <summary>The time of its deletion would be the third.</summary>
    private static bool IsThere(string[] words) => words.Length == 2;

    private static async Task<IReadOnlyList<string>> FaultsAsync(ClusterStage stage, string account, string to, string[] rights, bool must, CancellationToken cancellationToken)
    {
        List<string> faults = [];
        foreach (string right in rights)
        {
            if (await stage.Kubectl.MayAsync(account, right, cancellationToken) != must)
            {
                faults.Add($"{account} {(must ? "must be able to" : "must not")} {right} (to {to})");
            }
        }
        stage.Say($"{(faults.Count == 0 ? "as it must be " : $"{faults.Count} FAULTS")}  {account} {(must ? "may    " : "may not")} {to} ({rights.Length} rights)");
        return faults;
    }

    /// <summary>Looks at what is mounted, and, where the image has a program for it, into the pod itself.</summary>
    private static async Task<IEnumerable<string>> TokenFaultsAsync(ClusterStage stage, string pod, bool must, CancellationToken cancellationToken)
    {
        string mounts = await stage.Kubectl.RunAsync(cancellationToken, "get", "pod", pod, "--output", "jsonpath={.spec.containers[*].volumeMounts[*].mountPath}");
        (int code, string said) = await stage.Kubectl.TryAsync(null, cancellationToken, "exec", pod, "--", "ls", Token);
        bool inside = code == 0 && said.Split('\n').Contains("token");
        bool couldLook = code == 0 || said.Contains("No such file", StringComparison.Ordinal);
        if (!couldLook)
        {
            stage.Say($"Skipped: a look into {pod}. {said}");
        }
        string[] wrong = [.. mounts.Split(' ').Contains(Token) == must ? [] : new[] { "its mounts" }, .. !couldLook || inside == must ? [] : new[] { "its files" }];
        return wrong.Select(where => $"{pod} {(must ? "must have a token" : "must have no token")}, say {where}");
    }
}
