using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using PushPlatform.Delivery;
using PushPlatform.Delivery.Membership;
using PushPlatform.Delivery.Orders;
using PushPlatform.Delivery.Redis;
using PushPlatform.Kubernetes.Client;
using PushPlatform.Operator.Api;

namespace PushPlatform.Scenarios.Stages;

/// <summary>What stands on a stage where a story did not go on: for whoever has to find out why.</summary>
internal static class StageReport
{
    private const int HealthPort = 8081;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);
    private static readonly PoolName Pool = new(Manifests.Namespace, Manifests.Pool);
    private static readonly JsonSerializerOptions Indented = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    /// <summary>Writes the pods' logs and metrics, the resources, the orders and what the nodes say of them into a new folder.</summary>
    /// <param name="stage">As it is, whatever is broken: what cannot be read is said in its place.</param>
    /// <param name="name">Of what did not go on; a part of the folder's name.</param>
    /// <returns>The folder.</returns>
    public static async Task<string> WriteAsync(Stage stage, string name)
    {
        string folder = Directory.CreateTempSubdirectory($"push-{name}-").FullName;
        await PutAsync(folder, "campaigns.json", async token => (await stage.Kubernetes.ListAsync<PushCampaign>(Manifests.Namespace, cancellationToken: token)).Items);
        await PutAsync(folder, "pools.json", async token => (await stage.Kubernetes.ListAsync<PushPool>(Manifests.Namespace, cancellationToken: token)).Items);
        await PutAsync(folder, "redis.json", token => StoreAsync(stage, token));
        await PutAsync(folder, "redis.log", token => File.ReadAllTextAsync(stage.Redis.LogPath, token));
        await PutAsync(folder, "rabbitmq.log", token => File.ReadAllTextAsync(stage.Rabbit.LogPath, token));
        using HttpClient http = new() { Timeout = Patience };
        foreach (StagePod pod in await PodsAsync(stage))
        {
            await PutAsync(folder, $"{pod.Name}.log", async token => stage.Pods.LogPath(pod) is { } log ? await File.ReadAllTextAsync(log, token) : "It never ran.");
            await PutAsync(folder, $"{pod.Name}.metrics", token => http.GetStringAsync(new Uri($"http://{pod.Address}:{HealthPort}/metrics"), token));
        }
        return folder;
    }

    private static async Task<object> StoreAsync(Stage stage, CancellationToken token)
    {
        await using RedisStore store = await RedisStore.ConnectAsync(stage.Redis.ConnectionString, TimeProvider.System, NullLoggerFactory.Instance, token);
        OrderBookPage orders = await store.Orders.ReadAsync(Pool, token);
        IReadOnlyList<NodeBeat> nodes = await store.Nodes.LiveNodesAsync(Pool, token);
        return new { orders, nodes };
    }

    private static async Task<IReadOnlyList<StagePod>> PodsAsync(Stage stage)
    {
        using CancellationTokenSource limit = new(Patience);
        try
        {
            return [.. await stage.Pods.NodesAsync(limit.Token), .. await stage.Pods.OperatorsAsync(limit.Token)];
        }
        catch (Exception unreachable) when (unreachable is KubernetesException or HttpRequestException or OperationCanceledException)
        {
            return [];
        }
    }

    private static async Task PutAsync<T>(string folder, string file, Func<CancellationToken, Task<T>> read)
    {
        string text;
        using CancellationTokenSource limit = new(Patience);
        try
        {
            T found = await read(limit.Token).WaitAsync(limit.Token);
            text = found as string ?? JsonSerializer.Serialize<object?>(found, Indented);
        }
        catch (Exception broken) when (broken is not OutOfMemoryException)
        {
            text = broken.ToString();
        }
        await File.WriteAllTextAsync(Path.Combine(folder, file), text);
    }
}
