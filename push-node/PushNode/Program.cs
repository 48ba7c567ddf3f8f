using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using PushPlatform.Delivery.Bus;
using PushPlatform.Delivery.Messages;
using PushPlatform.Delivery.Redis;
using PushPlatform.Delivery.Telemetry;
using PushPlatform.PushNode;
using PushPlatform.PushNode.Handshake;
using PushPlatform.PushNode.Hosting;
using PushPlatform.PushNode.Lifecycle;
using PushPlatform.PushNode.Messages;
using PushPlatform.PushNode.Orders;
using PushPlatform.PushNode.Telemetry;

const int BadConfiguration = 78; // EX_CONFIG of sysexits.h

if (NodeOptions.Read(Environment.GetEnvironmentVariable, out IReadOnlyList<string> faults, isTerminal: !Console.IsOutputRedirected) is not { } options)
{
    await Console.Error.WriteLineAsync($"The node cannot start:\n  {string.Join("\n  ", faults)}");
    return BadConfiguration;
}

WebApplicationBuilder builder = WebApplication.CreateSlimBuilder(args);
builder.Logging.AddPushLogging(options.LogFormat);
builder.Services.AddRedisDelivery(options.Redis).AddOrderBus(_ => (options.RabbitMq, options.Name)).AddOrders(options)
    .AddMessageBus(_ => (options.RabbitMq, options.Name)).AddMessages();
builder.AddVehicles(options);

await using WebApplication node = builder.Build();
node.MapHealth();
await node.StartAsync();
var (vehicles, health) = node.EndPoints();
node.Logger.NodeStarted(
    options.Name, options.Pool.ToString(), vehicles.ToString(), health.ToString(), node.Services.GetRequiredService<Admission>().MaxConnections);
await node.WaitForShutdownAsync();
return 0;
