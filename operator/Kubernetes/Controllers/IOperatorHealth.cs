namespace PushPlatform.Kubernetes.Controllers;

/// <summary>What the operator's health endpoints ask.</summary>
public interface IOperatorHealth
{
    /// <summary>For <c>/healthz</c>: every informer has heard from the API server lately and every loop is alive. A restart may help where this is not so.</summary>
    HealthReport Live();

    /// <summary>For <c>/readyz</c>: all caches are synced. Says nothing about leadership: a warm standby is ready.</summary>
    HealthReport Ready();

    /// <summary>Null while the API server answers; otherwise what is wrong, since when, and what to check. By itself neither a reason to restart nor to be not ready.</summary>
    string? ServerFault { get; }
}

/// <param name="Faults">One sentence for each thing that is wrong; empty = healthy.</param>
public sealed record HealthReport(IReadOnlyList<string> Faults)
{
    public bool IsHealthy => Faults.Count == 0;
}
