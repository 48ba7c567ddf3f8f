using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using PushPlatform.Delivery.Messages;
using PushPlatform.PushNode.Lifecycle;
using PushPlatform.PushNode.Orders;

namespace PushPlatform.PushNode.Messages;

/// <summary>The owner of the two loops that carry direct messages, and what health says of them: a node without them is still of use.</summary>
internal sealed class MessageExchange(Uplink uplink, Downlink downlink, IMessageBus bus, TimeProvider clock, ILogger<MessageExchange> log)
    : IHostedService, IHealthSource, IAsyncDisposable
{
    private volatile OwnedLoop[] _loops = [];

    /// <inheritdoc/>
    public IEnumerable<HealthFault> Faults
    {
        get
        {
            if (bus.Fault is { } away)
            {
                yield return new HealthFault("rabbitmq", $"Direct messages are not carried: {away}", Blocks: false);
            }

            foreach (string fault in _loops.Select(loop => loop.Fault).OfType<string>())
            {
                yield return new HealthFault("messages", fault, Blocks: false);
            }
        }
    }

    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellationToken)
    {
        _loops = [OwnedLoop.Start("messages to vehicles", downlink.RunAsync, clock, log), OwnedLoop.Start("messages from vehicles", uplink.RunAsync, clock, log)];
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public async Task StopAsync(CancellationToken cancellationToken) => await DisposeAsync();

    public async ValueTask DisposeAsync()
    {
        OwnedLoop[] loops = Interlocked.Exchange(ref _loops!, []);
        foreach (OwnedLoop loop in loops)
        {
            await loop.DisposeAsync();
        }
    }
}
