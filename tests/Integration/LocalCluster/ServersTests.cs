using System.Net.Sockets;
using PushPlatform.LocalCluster.Servers;
using Shouldly;
using Xunit;

namespace PushPlatform.Tests.Integration.LocalCluster;

public sealed class ServersTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Redis_KilledAndStartedAgain_KeepsWhatWasWrittenAndItsPort()
    {
        await using RedisServer redis = await RedisServer.StartAsync(Token);
        (await redis.CommandAsync("SET car 7", Token)).ShouldStartWith("+OK");

        await redis.StopAsync();
        await Should.ThrowAsync<SocketException>(redis.CommandAsync("PING", Token));
        await redis.StartAgainAsync(Token);

        (await redis.CommandAsync("GET car", Token)).ShouldContain("7");
    }

    [Fact]
    public async Task Redis_Paused_IsSilentUntilResumed()
    {
        await using RedisServer redis = await RedisServer.StartAsync(Token);

        redis.Pause();
        Task<string> answer = redis.CommandAsync("PING", Token);
        await Should.ThrowAsync<TimeoutException>(answer.WaitAsync(TimeSpan.FromMilliseconds(300), Token));
        redis.Resume();

        (await answer).ShouldStartWith("+PONG");
    }

    [Fact]
    public async Task Redis_Disposed_LeavesNeitherProcessNorFolder()
    {
        RedisServer redis = await RedisServer.StartAsync(Token);
        await redis.DisposeAsync();

        Directory.Exists(redis.Folder).ShouldBeFalse();
        await Should.ThrowAsync<SocketException>(redis.CommandAsync("PING", Token));
    }

    [Fact]
    public async Task RedisCluster_Started_ThreeMastersHoldAllSlots()
    {
        await using RedisCluster cluster = await RedisCluster.StartAsync(cancellation: Token);

        cluster.Masters.Count.ShouldBe(3);
        foreach (RedisServer master in cluster.Masters)
        {
            (await master.CommandAsync("CLUSTER INFO", Token)).ShouldContain("cluster_size:3");
        }
        string[] replies = await Task.WhenAll(cluster.Masters.Select(master => master.CommandAsync("SET {a}x 1", Token)));
        replies.Count(reply => reply.StartsWith("+OK", StringComparison.Ordinal)).ShouldBe(1);
        replies.Count(reply => reply.StartsWith("-MOVED", StringComparison.Ordinal)).ShouldBe(2);
    }

    [Fact]
    public async Task Rabbit_StoppedAndStartedAgain_AnswersOnTheSamePort()
    {
        await using RabbitServer rabbit = await RabbitServer.StartAsync(Token);
        rabbit.Uri.ShouldBe($"amqp://guest:guest@127.0.0.1:{rabbit.Port}/");

        await rabbit.StopAsync();
        using Socket refused = new(SocketType.Stream, ProtocolType.Tcp);
        await Should.ThrowAsync<SocketException>(refused.ConnectAsync("127.0.0.1", rabbit.Port, Token).AsTask());
        await rabbit.StartAgainAsync(Token);

        using Socket accepted = new(SocketType.Stream, ProtocolType.Tcp);
        await accepted.ConnectAsync("127.0.0.1", rabbit.Port, Token);
    }
}
