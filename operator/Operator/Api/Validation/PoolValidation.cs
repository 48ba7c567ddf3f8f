using PushPlatform.Kubernetes.Models;

namespace PushPlatform.Operator.Api.Validation;

/// <summary>Refuses what schema and CEL refuse of a pool, in the same words: API servers before 1.30 ignore CEL. Pure.</summary>
public static class PoolValidation
{
    private const int MaxName = 50;

    /// <summary>All faults of a pool; none means that it may be carried out.</summary>
    /// <param name="pool">The pool, with the schema's defaults filled in.</param>
    /// <param name="previous">What the operator knows of it so far; <see langword="null"/> for a new one.</param>
    public static IReadOnlyList<Fault> Faults(PushPool pool, PushPoolStatus? previous)
    {
        FaultList faults = new();
        PushPoolSpec spec = pool.Spec;
        faults.Require(
            pool.Name().Length <= MaxName && Forms.PoolName.IsMatch(pool.Name()),
            "metadata.name",
            "the name of a pool has at most 50 lower-case letters, digits and - and begins with a letter, because its Service is named after it");
        faults.Range("spec.replicas", spec.Replicas, 0, 500);
        Scaling(faults, "spec.autoscale", spec.Autoscale);
        PodRules.Check(faults, "spec.template", spec.Template);
        faults.Range("spec.service.port", spec.Service.Port, 1, 65_535);
        faults.Entries("spec.service.annotations", spec.Service.Annotations, 32, (at, value) => faults.Text(at, value, 0, 4096));
        Auth(faults, "spec.auth", spec.Auth);
        faults.Require(
            previous?.Sessions is not { } began || began == spec.Sessions,
            "spec.sessions",
            "sessions cannot be changed, what was sent so far is recorded by vid or by device: create another PushPool");
        faults.Text("spec.tls.secretName", spec.Tls?.SecretName, 1, 253, Forms.ObjectName, Forms.ObjectNameInWords);
        faults.Items("spec.roles", spec.Roles, 0, 16, (at, role) => faults.Text(at, role, 1, 32, Forms.PoolName, Forms.PoolNameInWords));
        faults.Range("spec.heartbeat.intervalSeconds", spec.Heartbeat.IntervalSeconds, 1, 300);
        faults.Range("spec.heartbeat.timeoutSeconds", spec.Heartbeat.TimeoutSeconds, 1, 300);
        faults.Range("spec.handshakesPerSecond", spec.HandshakesPerSecond, 1, 100_000);
        faults.Range("spec.drainSeconds", spec.DrainSeconds, 0, 3600);
        SecretKey(faults, "spec.redisSecretRef", spec.RedisSecretRef?.Name, spec.RedisSecretRef?.Key);
        SecretKey(faults, "spec.rabbitmqSecretRef", spec.RabbitmqSecretRef?.Name, spec.RabbitmqSecretRef?.Key);
        return faults.Faults;
    }

    private static void Scaling(FaultList faults, string path, Autoscale? autoscale)
    {
        if (autoscale is null)
        {
            return;
        }
        faults.Range($"{path}.minReplicas", autoscale.MinReplicas, 1, 500);
        faults.Range($"{path}.maxReplicas", autoscale.MaxReplicas, 1, 500);
        faults.Range($"{path}.connectionsPerPod", autoscale.ConnectionsPerPod, 1, 1_000_000);
        faults.Range($"{path}.scaleDownAfterSeconds", autoscale.ScaleDownAfterSeconds, 0, 86_400);
        // As with CEL: a maximum out of its bounds is said once.
        faults.Require(
            autoscale.MaxReplicas < 1 || autoscale.MinReplicas <= autoscale.MaxReplicas,
            $"{path}.minReplicas",
            "minReplicas must not be above maxReplicas");
    }

    private static void Auth(FaultList faults, string path, PoolAuth? auth)
    {
        if (auth is null)
        {
            faults.Add(path, "say who may connect: type None or Token");
            return;
        }
        faults.Require(
            auth.Type is not AuthType.Token || auth.Token is not null,
            $"{path}.token",
            "auth type Token needs token.keysSecretRef, the keys that tokens are signed with");
        faults.Require(
            auth.Type is not AuthType.None || auth.Token is null,
            $"{path}.token",
            "auth type None takes no token: set type Token, or leave token out");
        SecretKey(faults, $"{path}.token.keysSecretRef", auth.Token?.KeysSecretRef.Name, auth.Token?.KeysSecretRef.Key);
    }

    private static void SecretKey(FaultList faults, string path, string? name, string? key)
    {
        faults.Text($"{path}.name", name, 1, 253, Forms.ObjectName, Forms.ObjectNameInWords);
        faults.Text($"{path}.key", key, 1, 253, Forms.DataKey, Forms.DataKeyInWords);
    }
}
