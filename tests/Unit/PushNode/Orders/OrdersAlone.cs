using System.Threading.Channels;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using PushPlatform.Delivery;
using PushPlatform.Delivery.Bus;
using PushPlatform.Delivery.Ledger;
using PushPlatform.Delivery.Membership;
using PushPlatform.Delivery.Orders;
using PushPlatform.Delivery.Registry;
using PushPlatform.PushNode;
using PushPlatform.PushNode.Connections;
using PushPlatform.PushNode.Handshake;
using PushPlatform.PushNode.Lifecycle;
using PushPlatform.PushNode.Orders;
using PushPlatform.PushNode.Telemetry;

namespace PushPlatform.Tests.Unit.PushNode.Orders;

/// <summary>The orders' side of a node, put together as the node does it and not started: without Redis, on a bus that the test plays.</summary>
internal sealed class OrdersAlone : IAsyncDisposable
{
    private readonly ServiceProvider _services;

    public OrdersAlone(TimeProvider clock)
    {
        ServiceCollection services = new();
        services.AddSingleton<ILoggerFactory>(NullLoggerFactory.Instance);
        services.AddSingleton(typeof(ILogger<>), typeof(NullLogger<>));
        services.AddSingleton(clock);
        services.AddSingleton<IOrderBook>(Store);
        services.AddSingleton<IVehicleRegistry>(Store);
        services.AddSingleton<INodeMembership>(Store);
        services.AddSingleton<IDrainList>(Store);
        services.AddSingleton<IDeliveryLedger>(Store);
        services.AddSingleton<IOrderBus>(Bus);
        services.AddSingleton<VehicleIndex>();
        services.AddSingleton<LoopPulses>();
        services.AddSingleton(new Admission(1000, 1000, clock));
        NodeOptions options = new() { Pool = SampleOrders.Pool, Name = "a", Redis = "", RabbitMq = "", Auth = AuthMode.None, Drain = TimeSpan.FromSeconds(10) };
        services.AddSingleton(options).AddSingleton<Farewells>();
        services.AddOrders(options);
        _services = services.BuildServiceProvider();
    }

    public AwayStore Store { get; } = new();

    public PlayedBus Bus { get; } = new();

    public T Get<T>()
        where T : notnull => _services.GetRequiredService<T>();

    public ValueTask DisposeAsync() => _services.DisposeAsync();
}

/// <summary>Yields what the test says, and keeps for what reasons it was to be built anew.</summary>
internal sealed class PlayedBus : IOrderBus
{
    private readonly Channel<BusEvent> _events = Channel.CreateUnbounded<BusEvent>();
    private readonly TaskCompletionSource _publishAsked = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public List<string> Rebuilds { get; } = [];

    public string? Fault => null;

    /// <summary>Until it completes, nothing that is published leaves.</summary>
    public Task Carries { get; set; } = Task.CompletedTask;

    /// <summary>Completes when something was to be published for the first time.</summary>
    public Task PublishAsked => _publishAsked.Task;

    public void Say(BusEvent happened) => _events.Writer.TryWrite(happened);

    /// <summary>Nothing more will be said: the follower returns when it has taken what was.</summary>
    public void Complete() => _events.Writer.TryComplete();

    public Task PublishAsync(PoolName pool, BusMessage message, CancellationToken cancellationToken)
    {
        _publishAsked.TrySetResult();
        return Carries.WaitAsync(cancellationToken);
    }

    public IAsyncEnumerable<BusEvent> SubscribeAsync(PoolName pool, CancellationToken cancellationToken) => _events.Reader.ReadAllAsync(cancellationToken);

    public void Rebuild(string reason) => Rebuilds.Add(reason);

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
