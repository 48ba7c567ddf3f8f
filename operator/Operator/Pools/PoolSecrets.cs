using System.Net;
using PushPlatform.Kubernetes.Client;
using PushPlatform.Kubernetes.Models;
using PushPlatform.Operator.Api;

namespace PushPlatform.Operator.Pools;

/// <summary>The Secrets that a pool's nodes cannot start without.</summary>
internal sealed class PoolSecrets(IKubernetesClient kubernetes)
{
    private static readonly string[] TlsKeys = ["tls.crt", "tls.key"];

    /// <summary>What is not there, in words; null: all is, or the operator may not look.</summary>
    public async Task<string?> MissingAsync(PushPool pool, CancellationToken cancellationToken)
    {
        List<string> missing = [];
        foreach (IGrouping<string, (string Field, string Name, string[] Keys)> wanted in Wanted(pool.Spec).GroupBy(secret => secret.Name, StringComparer.Ordinal))
        {
            try
            {
                V1Secret? found = await kubernetes.GetAsync<V1Secret>(wanted.Key, pool.Namespace(), cancellationToken);
                missing.AddRange(wanted.Select(secret => Fault(secret, found)).OfType<string>());
            }
            catch (KubernetesException refused) when (refused.Code == HttpStatusCode.Forbidden)
            {
                // An installation may keep Secrets from the operator: then the pods alone say what they wait for.
            }
        }
        return missing.Count == 0 ? null : string.Join("; ", missing);
    }

    private static IEnumerable<(string Field, string Name, string[] Keys)> Wanted(PushPoolSpec spec)
    {
        if (spec.RedisSecretRef is { } redis)
        {
            yield return ("spec.redisSecretRef", redis.Name, [redis.Key]);
        }
        if (spec.RabbitmqSecretRef is { } rabbit)
        {
            yield return ("spec.rabbitmqSecretRef", rabbit.Name, [rabbit.Key]);
        }
        if (spec.Auth.Token?.KeysSecretRef is { } keys)
        {
            yield return ("spec.auth.token.keysSecretRef", keys.Name, [keys.Key]);
        }
        if (spec.Tls is { } tls)
        {
            yield return ("spec.tls", tls.SecretName, TlsKeys);
        }
    }

    private static string? Fault((string Field, string Name, string[] Keys) wanted, V1Secret? found)
    {
        if (found is null)
        {
            return $"{wanted.Field}: there is no Secret {wanted.Name} in this namespace: create it";
        }
        string[] lacks = [.. wanted.Keys.Where(key => found.Data?.ContainsKey(key) != true)];
        return lacks.Length == 0 ? null : $"{wanted.Field}: the Secret {wanted.Name} has no key {string.Join(" and no key ", lacks)}: add it";
    }
}
