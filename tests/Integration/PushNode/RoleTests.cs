using System.Collections.Concurrent;
using System.Text;
using Microsoft.Extensions.Logging;
using PushPlatform.PushNode.Connections;
using PushPlatform.PushNode.Protocol;
using Shouldly;
using Xunit;

namespace PushPlatform.Tests.Integration.PushNode;

/// <summary>Connections in a role, over real sockets.</summary>
public sealed class RoleTests
{
    private const string Rest = " HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";

    [Fact]
    public async Task ACarInARole_HasItsLabel_WhateverItReports()
    {
        await using TestNode node = await TestNode.StartAsync(TestNode.Options with { Roles = ["head-unit"] });
        using RawCar car = await UpgradeAsync(node, "/ws/head-unit/car-1");
        await car.SendTextAsync("""{"type":"hello","vid":"car-1","labels":{"model":"x7"}}""");
        await car.ReadFrameAsync();
        IVehicleLink link = node.Index.Find("car-1").ShouldNotBeNull();

        link.Role.ShouldBe("head-unit");
        link.Labels.ShouldBe(new Dictionary<string, string> { ["model"] = "x7", [VehicleRole.Label] = "head-unit" }, ignoreOrder: true);

        await car.SendTextAsync("""{"type":"labels","labels":{"pushplatform.io/role":"driver-app"}}""");
        ((string?)(await car.ReadFrameAsync())!.Json!["code"]).ShouldBe("invalid-member");
        await car.SendTextAsync("""{"type":"labels","labels":{}}""");
        await Eventually.BeTrueAsync(() => node.Events.Story.Contains("relabelled car-1 1"), "the labels were replaced");
        link.Labels.ShouldBe(new Dictionary<string, string> { [VehicleRole.Label] = "head-unit" });
    }

    [Fact]
    public async Task AHelloForAnotherVidThanThePaths_EndsTheConnection()
    {
        await using TestNode node = await TestNode.StartAsync(TestNode.Options with { Roles = ["head-unit"] });
        using RawCar car = await UpgradeAsync(node, "/ws/head-unit/car-1");

        await car.SendTextAsync("""{"type":"hello","vid":"car-2"}""");

        (await car.ReadToCloseAsync()).Code.ShouldBe(4400);
        node.Events.Story.ShouldBeEmpty();
    }

    [Fact]
    public async Task AToken_IsInNoLog_AndWhyItWasRefusedIsCounted()
    {
        const string Secret = "s3cr3t-t0k3n";
        LogCatcher logs = new();
        await using TestNode node = await TestNode.StartAsync(TestNode.Options with { Roles = ["head-unit"] }, logging => logging.AddProvider(logs).SetMinimumLevel(LogLevel.Trace));
        using RawCar plumber = await UpgradeAsync(node, $"/ws/plumber/{Secret}");
        using RawCar faulty = await RawCar.ConnectAsync(node.Vehicles);
        await faulty.SendAsync(Encoding.ASCII.GetBytes($"GET /ws/head-unit/{Secret}%{Rest}"));

        string refusal = await faulty.ReadHeadAsync();
        (await plumber.ReadToCloseAsync()).Code.ShouldBe(4401);
        string metrics = await node.MetricsAsync();

        refusal.ShouldStartWith("HTTP/1.1 400");
        metrics.ShouldContain("push_node_unauthorized_total{reason=\"unknown-role\"} 1");
        metrics.ShouldNotContain(Secret);
        logs.Lines.ShouldNotBeEmpty();
        logs.Lines.ShouldAllBe(line => !line.Contains(Secret, StringComparison.Ordinal));
    }

    private static async Task<RawCar> UpgradeAsync(TestNode node, string target)
    {
        RawCar car = await RawCar.ConnectAsync(node.Vehicles);
        await car.SendAsync(Encoding.ASCII.GetBytes("GET " + target + Rest));
        (await car.ReadHeadAsync()).ShouldStartWith("HTTP/1.1 101 ");
        return car;
    }

    private sealed class LogCatcher : ILoggerProvider, ILogger
    {
        public ConcurrentQueue<string> Lines { get; } = [];

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Lines.Enqueue(formatter(state, exception) + exception);

        public void Dispose()
        {
        }
    }
}
