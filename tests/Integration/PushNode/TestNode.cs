using System.Collections.Concurrent;
using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using PushPlatform.Delivery;
using PushPlatform.PushNode;
using PushPlatform.PushNode.Connections;
using PushPlatform.PushNode.Handshake;
using PushPlatform.PushNode.Hosting;
using PushPlatform.PushNode.Lifecycle;
using PushPlatform.PushNode.Protocol;

namespace PushPlatform.Tests.Integration.PushNode;

/// <summary>A node's connections side on loopback, real Kestrel and all; <see cref="Events"/> stands where the orders' side would.</summary>
internal sealed class TestNode : IAsyncDisposable
{
    public static readonly NodeOptions Options = new()
    {
        Pool = new PoolName("test", "pool"),
        Name = "node",
        Redis = "",
        RabbitMq = "",
        BindAddress = IPAddress.Loopback,
        VehiclePort = 0,
        HealthPort = 0,
        Auth = AuthMode.None,
        Drain = TimeSpan.Zero,
    };

    private readonly WebApplication _app;

    private TestNode(WebApplication app, TestEvents events)
    {
        _app = app;
        Events = events;
        (Vehicles, Health) = app.EndPoints();
    }

    public TestEvents Events { get; }

    public IPEndPoint Vehicles { get; }

    public IPEndPoint Health { get; }

    /// <summary>Open connections on the vehicle port, upgraded or not.</summary>
    public int Connections => _app.Services.GetRequiredService<Admission>().Connections;

    public VehicleIndex Index => _app.Services.GetRequiredService<VehicleIndex>();

    public static async Task<TestNode> StartAsync(NodeOptions? options = null, Action<ILoggingBuilder>? logging = null, Action<IServiceCollection>? services = null)
    {
        TestEvents events = new();
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        logging?.Invoke(builder.Logging);
        builder.Services.AddSingleton<IVehicleEvents>(events);
        builder.Services.AddSingleton<IVehicleMessages>(events);
        builder.AddVehicles(options ?? Options);
        services?.Invoke(builder.Services);
        WebApplication app = builder.Build();
        app.MapHealth();
        await app.StartAsync();
        return new TestNode(app, events);
    }

    public T Service<T>()
        where T : notnull => _app.Services.GetRequiredService<T>();

    public async Task<string> MetricsAsync()
    {
        using HttpClient http = new();
        return await http.GetStringAsync(new Uri($"http://{Health}/metrics"));
    }

    public Task StopAsync() => _app.StopAsync();

    public async ValueTask DisposeAsync() => await _app.DisposeAsync();
}

internal sealed class TestEvents : IVehicleEvents, IVehicleMessages
{
    private TaskCompletionSource _acksTaken = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public ConcurrentQueue<string> Story { get; } = [];

    public ConcurrentQueue<AckFrame> Acks { get; } = [];

    public bool TakesAcks { get; private set; } = true;

    /// <summary>An ack was offered while none was taken.</summary>
    public bool HasHeldOneOff { get; private set; }

    public void Arrived(IVehicleLink link, HelloFrame hello)
    {
        Story.Enqueue($"arrived {link.Vid}");
        link.TrySend(NodeFrames.Welcome("1", 0, 5));
    }

    public bool Acked(IVehicleLink link, AckFrame ack)
    {
        if (TakesAcks)
        {
            Acks.Enqueue(ack);
            return true;
        }

        HasHeldOneOff = true;
        return false;
    }

    public async ValueTask AcksAccepted(IVehicleLink link, CancellationToken cancellationToken) => await _acksTaken.Task.WaitAsync(cancellationToken);

    public void Moved(IVehicleLink link) => Story.Enqueue($"moved {link.Vid} {link.Position!.Lat}");

    public void Relabelled(IVehicleLink link) => Story.Enqueue($"relabelled {link.Vid} {link.Labels!.Count}");

    public void Said(IVehicleLink link, MessageFrame message) => Story.Enqueue($"said {link.Vid} {message.Id}");

    public void Left(IVehicleLink link) => Story.Enqueue($"left {link.Vid}");

    public void HoldAcks()
    {
        _acksTaken = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        TakesAcks = false;
    }

    public void TakeAcksAgain()
    {
        TakesAcks = true;
        _acksTaken.SetResult();
    }
}

internal static class Eventually
{
    /// <summary>Waits for a condition; fails after half a minute, which only a broken node takes.</summary>
    public static async Task BeTrueAsync(Func<bool> condition, string what)
    {
        using CancellationTokenSource patience = new(TimeSpan.FromSeconds(30));
        while (!condition())
        {
            if (patience.IsCancellationRequested)
            {
                throw new TimeoutException($"It never came to be that {what}.");
            }

            await Task.Delay(10);
        }
    }
}
