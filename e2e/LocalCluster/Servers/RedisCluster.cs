namespace PushPlatform.LocalCluster.Servers;

/// <summary>A Redis Cluster of three masters, with or without a replica each; together they hold all 16,384 slots.</summary>
public sealed class RedisCluster : IAsyncDisposable
{
    private const int MasterCount = 3;
    private const int SlotCount = 16_384;
    private static readonly TimeSpan FormTimeout = TimeSpan.FromSeconds(30);
    private readonly List<RedisServer> _masters = [];
    private readonly List<RedisServer> _replicas = [];

    private RedisCluster()
    {
    }

    /// <summary>In the order of their slot ranges; each as it began, whatever became of it since.</summary>
    public IReadOnlyList<RedisServer> Masters => _masters;

    /// <summary>In the order of their masters; one takes over in about 3 s after its master has died. Empty unless asked for.</summary>
    public IReadOnlyList<RedisServer> Replicas => _replicas;

    /// <summary><c>127.0.0.1:p1,127.0.0.1:p2,127.0.0.1:p3</c></summary>
    public string ConnectionString => string.Join(',', _masters.Select(master => master.ConnectionString));

    /// <summary>Starts the servers, shares the slots out and waits until each of them calls the cluster <c>ok</c> and each replica follows its master.</summary>
    /// <param name="replicated">A replica for each master.</param>
    /// <exception cref="InvalidOperationException">A server did not start, or the cluster did not form within 30 s.</exception>
    public static async Task<RedisCluster> StartAsync(bool replicated = false, CancellationToken cancellation = default)
    {
        RedisCluster cluster = new();
        try
        {
            for (int i = 0; i < MasterCount; i++)
            {
                cluster._masters.Add(await RedisServer.StartClusterNodeAsync(cancellation));
            }
            for (int i = 0; replicated && i < MasterCount; i++)
            {
                cluster._replicas.Add(await RedisServer.StartClusterNodeAsync(cancellation));
            }
            await cluster.FormAsync(cancellation);
            return cluster;
        }
        catch
        {
            await cluster.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (RedisServer server in _masters.Concat(_replicas))
        {
            await server.DisposeAsync();
        }
    }

    private static string BulkText(string reply) => reply.Split("\r\n")[1];

    private async Task FormAsync(CancellationToken cancellation)
    {
        using CancellationTokenSource deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        deadline.CancelAfter(FormTimeout);
        for (int i = 0; i < MasterCount; i++)
        {
            int first = SlotCount * i / MasterCount;
            int last = (SlotCount * (i + 1) / MasterCount) - 1;
            await ExpectOkAsync(_masters[i], $"CLUSTER ADDSLOTSRANGE {first} {last}", deadline.Token);
            await ExpectOkAsync(_masters[i], $"CLUSTER SET-CONFIG-EPOCH {i + 1}", deadline.Token);
        }
        foreach (RedisServer other in _masters.Skip(1).Concat(_replicas))
        {
            await ExpectOkAsync(_masters[0], $"CLUSTER MEET 127.0.0.1 {other.Port} {other.BusPort}", deadline.Token);
        }
        try
        {
            foreach (RedisServer server in _masters.Concat(_replicas))
            {
                while (!await IsWholeAsync(server, deadline.Token))
                {
                    await Task.Delay(50, deadline.Token);
                }
            }
            await ReplicateAsync(deadline.Token);
        }
        catch (OperationCanceledException timeout) when (!cancellation.IsCancellationRequested)
        {
            throw new InvalidOperationException($"the Redis Cluster did not form in {FormTimeout.TotalSeconds} s", timeout);
        }
    }

    private async Task ReplicateAsync(CancellationToken cancellation)
    {
        for (int i = 0; i < _replicas.Count; i++)
        {
            string master = BulkText(await _masters[i].CommandAsync("CLUSTER MYID", cancellation));
            await ExpectOkAsync(_replicas[i], $"CLUSTER REPLICATE {master}", cancellation);
        }
        foreach (RedisServer replica in _replicas)
        {
            while (!(await replica.CommandAsync("INFO replication", cancellation)).Contains("master_link_status:up", StringComparison.Ordinal))
            {
                await Task.Delay(50, cancellation);
            }
        }
    }

    private async Task<bool> IsWholeAsync(RedisServer server, CancellationToken cancellation)
    {
        string info = await server.CommandAsync("CLUSTER INFO", cancellation);
        return info.Contains("cluster_state:ok", StringComparison.Ordinal)
            && info.Contains($"cluster_known_nodes:{_masters.Count + _replicas.Count}", StringComparison.Ordinal)
            && info.Contains($"cluster_slots_ok:{SlotCount}", StringComparison.Ordinal);
    }

    private static async Task ExpectOkAsync(RedisServer master, string command, CancellationToken cancellation)
    {
        string reply = await master.CommandAsync(command, cancellation);
        if (!reply.StartsWith("+OK", StringComparison.Ordinal))
        {
            throw new InvalidOperationException($"{command}: {reply.Trim()}");
        }
    }
}
