namespace PushPlatform.Operator.Pools;

/// <summary>What is to be done about the number of a pool's nodes.</summary>
internal sealed record ScaleDecision
{
    /// <summary>For the Deployment.</summary>
    public required int Replicas { get; init; }

    /// <summary>Nodes that take vehicles, or will.</summary>
    public required int Serving { get; init; }

    /// <summary>Pods that are to be drained from now on.</summary>
    public IReadOnlyList<string> Mark { get; init; } = [];

    /// <summary>Pods that are to stay after all.</summary>
    public IReadOnlyList<string> Lift { get; init; } = [];

    /// <summary>All pods that are to be told to drain, those of <see cref="Mark"/> among them; those that are on their way out stay in it to the end.</summary>
    public IReadOnlyList<string> Draining { get; init; } = [];

    public QuietSpell? Spell { get; init; }

    /// <summary>Fewer nodes are wanted, and why that has to wait; null: nothing waits.</summary>
    public string? Held { get; init; }
}

/// <summary>
/// The whole policy of a pool's size: what is seen → which pods are drained, which are called back, what the Deployment asks for. No I/O, no logger, no clock.
/// Everything it rests on stands in Kubernetes and Redis, so a pass after a crash at any line goes on where the last one was.
/// </summary>
/// <remarks>All that are too many are drained at once: one after the other, vehicles would be sent from one of them to the next.</remarks>
internal static class ScalePlan
{
    /// <summary>A node that has not emptied itself so long after its drain time never will; its process says bye to the rest when it ends.</summary>
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(30);

    public static ScaleDecision Decide(ScaleObservation seen)
    {
        PoolPod[] alive = [.. seen.Pods.Where(pod => !pod.Ending)];
        PoolPod[] draining = [.. InOrderOfLeaving(alive.Where(pod => pod.Draining))];
        int asked = seen.Asked ?? seen.Autoscale?.MinReplicas ?? seen.Replicas;
        // What is beyond the Deployment's number is being given up already, emptied pods first; it must not be counted off twice.
        int leaving = Math.Max(0, alive.Length - asked);
        int held = Math.Max(0, draining.Length - leaving);
        int serving = asked - held;

        (int target, QuietSpell? spell) = seen.Autoscale is { } rule ? AutoscaleRule.Decide(rule, seen, serving) : (seen.Replicas, null);
        string? hold = target < asked ? Hold(seen, alive) : null;
        int change = Change(seen, target, asked, serving, hold);

        string[] lift = change > 0 && seen.StoreAnswers ? [.. draining.Reverse().Take(Math.Min(change, held)).Select(pod => pod.Name)] : [];
        // Not there yet: the cheapest to do without.
        int unborn = Math.Clamp(-change, 0, Math.Max(0, asked - alive.Length));
        string[] mark = [.. InOrderOfLeaving(alive.Where(pod => !pod.Draining)).Take(Math.Max(0, -change - unborn)).Select(pod => pod.Name)];
        PoolPod[] still = [.. draining.Where(pod => !lift.Contains(pod.Name))];
        int gone = hold is null ? Math.Max(0, still.Count(pod => HasGone(pod, seen.Drain)) - leaving) : 0;
        return new ScaleDecision
        {
            Replicas = asked + Math.Max(0, change - lift.Length) - unborn - gone,
            Serving = serving + change,
            Mark = mark,
            Lift = lift,
            Draining = [.. seen.Pods.Where(pod => pod.Ending && pod.Draining).Concat(still).Select(pod => pod.Name), .. mark],
            Spell = spell,
            Held = hold,
        };
    }

    /// <summary>By how many the nodes that serve become more; negative, fewer.</summary>
    private static int Change(ScaleObservation seen, int target, int asked, int serving, string? hold)
    {
        // No vehicle is moved that is about to be told something: those that are draining are called back.
        int least = seen is { Pushing: not null, StoreAnswers: true } ? asked : serving;
        return hold is null ? target - serving : Math.Max(target, least) - serving;
    }

    private static string? Hold(ScaleObservation seen, IEnumerable<PoolPod> alive)
    {
        if (!seen.StoreAnswers)
        {
            return "Redis does not answer";
        }
        if (!seen.CampaignsKnown)
        {
            return "the campaigns have not been read yet";
        }
        if (seen.Pushing is { } campaign)
        {
            return $"campaign {campaign} is pushing";
        }
        if (seen.RollingOut)
        {
            return "a rollout is under way";
        }
        // Its vehicles are not in the sum.
        return alive.FirstOrDefault(pod => pod is { Ready: true, Draining: false, Connections: null }) is { } silent
            ? $"push node {silent.Name} does not say what it holds"
            : null;
    }

    /// <summary>A ReplicaSet gives up what is not ready first, so that is first here, too; then the emptiest, and of equals the youngest.</summary>
    private static IEnumerable<PoolPod> InOrderOfLeaving(IEnumerable<PoolPod> pods) => pods
        .OrderBy(pod => pod.Ready)
        .ThenBy(pod => pod.Connections ?? 0)
        .ThenByDescending(pod => pod.CreatedAt)
        .ThenBy(pod => pod.Name, StringComparer.Ordinal);

    private static bool HasGone(PoolPod pod, TimeSpan drain) => pod.IsEmptied || pod.Told > drain + Grace;
}
