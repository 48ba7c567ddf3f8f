using System.Globalization;
using PushPlatform.Benchmarks.Machine;
using PushPlatform.LocalCluster.Servers;

namespace PushPlatform.Benchmarks.Servers;

/// <summary>The Redis and the RabbitMQ that our nodes share.</summary>
internal sealed class BackEnd : IAsyncDisposable
{
    private BackEnd(RedisServer redis, RabbitServer rabbit) => (Redis, Rabbit) = (redis, rabbit);

    public RedisServer Redis { get; }

    public RabbitServer Rabbit { get; }

    /// <summary>One section of Redis' INFO: name and value of each line.</summary>
    public async Task<IReadOnlyDictionary<string, string>> InfoAsync(string section) =>
        (await Redis.CommandAsync($"INFO {section}", CancellationToken.None)).Split("\r\n")
            .Select(line => line.Split(':', 2))
            .Where(pair => pair.Length == 2)
            .ToDictionary(pair => pair[0], pair => pair[1]);

    /// <summary>CPU time of Redis, all of its threads and children.</summary>
    public async Task<CpuTime> RedisCpuAsync()
    {
        IReadOnlyDictionary<string, string> cpu = await InfoAsync("cpu");
        return new CpuTime(Seconds("used_cpu_user"), Seconds("used_cpu_sys"));

        TimeSpan Seconds(string name) => TimeSpan.FromSeconds(double.Parse(cpu[name], CultureInfo.InvariantCulture));
    }

    public static async Task<BackEnd> StartAsync()
    {
        Task<RedisServer> redis = RedisServer.StartAsync();
        Task<RabbitServer> rabbit = RabbitServer.StartAsync();
        return new BackEnd(await redis, await rabbit);
    }

    public async ValueTask DisposeAsync()
    {
        await Redis.DisposeAsync();
        await Rabbit.DisposeAsync();
    }
}
