using PushPlatform.LocalCluster.Servers;

namespace PushPlatform.Benchmarks.Servers;

/// <summary>The Redis and the RabbitMQ that our nodes share.</summary>
internal sealed class BackEnd : IAsyncDisposable
{
    private BackEnd(RedisServer redis, RabbitServer rabbit) => (Redis, Rabbit) = (redis, rabbit);

    public RedisServer Redis { get; }

    public RabbitServer Rabbit { get; }

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
