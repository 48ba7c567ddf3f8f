using System.Text;
using System.Text.Json.Nodes;
using System.Threading.Channels;
using Microsoft.Extensions.DependencyInjection;
using PushPlatform.Delivery;
using PushPlatform.Delivery.Messages;
using PushPlatform.PushNode;
using PushPlatform.PushNode.Messages;
using PushPlatform.PushNode.Orders;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;

namespace PushPlatform.Tests.Integration.PushNode.Messages;

/// <summary>A pool of real nodes on a real broker, with sockets, without campaigns; and a service that talks with its cars as any program would.</summary>
internal sealed class MessageStage(string rabbit) : IAsyncDisposable
{
    private readonly List<TestNode> _nodes = [];

    public PoolName Pool { get; } = new("tests", $"m-{Guid.NewGuid():N}");

    /// <summary>Ready once it is subscribed.</summary>
    public async Task<TestNode> AddNodeAsync(string name, SessionMode sessions = SessionMode.Single)
    {
        NodeOptions options = TestNode.Options with
        {
            Pool = Pool,
            Name = name,
            Sessions = sessions,
            Roles = ["head-unit", "driver-app"],
            HeartbeatInterval = TimeSpan.FromMinutes(10), // a raw car answers no pings, and reads them as frames
            HeartbeatTimeout = TimeSpan.FromMinutes(10),
        };
        TestNode node = await TestNode.StartAsync(options, services: services => services
            .AddSingleton(new NodeIdentity(Pool, sessions, name, "boot", 5, TimeSpan.Zero))
            .AddMessageBus(_ => (rabbit, name))
            .AddMessages());
        _nodes.Add(node);
        await UntilSubscribedAsync(node);
        return node;
    }

    public static Task UntilSubscribedAsync(TestNode node) =>
        Eventually.BeTrueAsync(() => node.Service<IMessageBus>().Fault is null, "the node is subscribed");

    public Task<TestService> AddServiceAsync() => TestService.StartAsync(rabbit, Pool);

    /// <summary>A car that connects in a role and is welcomed.</summary>
    public static async Task<RawCar> ArriveAsync(TestNode node, string vid, string? role = null, string? device = null)
    {
        RawCar car = await RawCar.ConnectAsync(node.Vehicles);
        string path = role is null ? $"/ws?vid={vid}" : $"/ws/{role}/{vid}?";
        await car.SendAsync(Encoding.ASCII.GetBytes(RawCar.Request(vid).Replace($"/ws?vid={vid}", path + (device is null ? "" : $"&device={device}"), StringComparison.Ordinal)));
        (await car.ReadHeadAsync()).ShouldStartWithUpgrade();
        await car.SendTextAsync($$"""{"type":"hello","vid":"{{vid}}","device":"{{device ?? "main"}}"}""");
        await car.ReadFrameAsync();
        return car;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (TestNode node in _nodes)
        {
            await node.DisposeAsync();
        }
    }
}

internal static class Upgrades
{
    public static void ShouldStartWithUpgrade(this string head)
    {
        if (!head.StartsWith("HTTP/1.1 101 ", StringComparison.Ordinal))
        {
            throw new InvalidOperationException(head);
        }
    }
}

/// <summary>A program with a connection to the broker, and nothing of ours.</summary>
internal sealed class TestService : IAsyncDisposable
{
    private readonly PoolName _pool;
    private readonly IConnection _connection;
    private readonly IChannel _channel;
    private readonly Channel<Heard> _replies = Channel.CreateUnbounded<Heard>();
    private readonly Channel<Heard> _uplink = Channel.CreateUnbounded<Heard>();
    private string _replyQueue = "";

    private TestService(PoolName pool, IConnection connection, IChannel channel)
    {
        _pool = pool;
        _connection = connection;
        _channel = channel;
    }

    public static async Task<TestService> StartAsync(string rabbit, PoolName pool)
    {
        IConnection connection = await new ConnectionFactory { Uri = new Uri(rabbit), AutomaticRecoveryEnabled = false }.CreateConnectionAsync();
        TestService service = new(pool, connection, await connection.CreateChannelAsync());
        service._replyQueue = (await service._channel.QueueDeclareAsync()).QueueName;
        await service.ConsumeAsync(service._replyQueue, service._replies);
        return service;
    }

    /// <summary>Listens to what cars say.</summary>
    public async Task ListenAsync(string roles = "#")
    {
        string queue = (await _channel.QueueDeclareAsync()).QueueName;
        await _channel.QueueBindAsync(queue, $"push.{_pool.Namespace}.{_pool.Name}.uplink", roles);
        await ConsumeAsync(queue, _uplink);
    }

    public async Task SayAsync(string body, bool wantsReply = false, DateTimeOffset? at = null)
    {
        BasicProperties properties = new() { ContentType = "application/json" };
        if (wantsReply)
        {
            properties.ReplyTo = _replyQueue;
            properties.CorrelationId = "c-1";
        }

        if (at is { } sent)
        {
            properties.Timestamp = new AmqpTimestamp(sent.ToUnixTimeSeconds());
        }

        await _channel.BasicPublishAsync($"push.{_pool.Namespace}.{_pool.Name}.messages", "", mandatory: false, properties, Encoding.UTF8.GetBytes(body));
    }

    public async Task<Heard> ReplyAsync() => await _replies.Reader.ReadAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(20));

    public async Task<Heard> UplinkAsync() => await _uplink.Reader.ReadAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(20));

    public int UplinkWaiting => _uplink.Reader.Count;

    public async ValueTask DisposeAsync()
    {
        await _channel.DisposeAsync();
        await _connection.DisposeAsync();
    }

    private async Task ConsumeAsync(string queue, Channel<Heard> into)
    {
        AsyncEventingBasicConsumer consumer = new(_channel);
        consumer.ReceivedAsync += (_, delivery) =>
        {
            into.Writer.TryWrite(new Heard(JsonNode.Parse(delivery.Body.Span)!.AsObject(), delivery.BasicProperties.CorrelationId, delivery.RoutingKey));
            return Task.CompletedTask;
        };
        await _channel.BasicConsumeAsync(queue, autoAck: true, consumer);
    }
}

internal sealed record Heard(JsonObject Body, string? CorrelationId, string RoutingKey);
