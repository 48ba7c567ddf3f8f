using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using PushPlatform.Delivery.Bus;
using RabbitMQ.Client.Events;

namespace PushPlatform.Delivery.Rabbit;

/// <summary>What one connection has brought and was not read yet. Full: the hint is dropped, and the reader is told to read the truth instead.</summary>
internal sealed class RabbitInbox(BusMetrics metrics, ILogger logger)
{
    private readonly Channel<BusMessage> _messages = Channel.CreateBounded<BusMessage>(new BoundedChannelOptions(1024) { SingleReader = true });
    private int _missed;

    public string EndReason { get; private set; } = "built anew";

    public Task TakeAsync(object sender, BasicDeliverEventArgs delivery)
    {
        // The body is valid only until this handler returns.
        if (Parse(delivery.Body.Span) is { } message && !_messages.Writer.TryWrite(message))
        {
            Interlocked.Exchange(ref _missed, 1);
            metrics.Dropped("inbox-full");
        }

        return Task.CompletedTask;
    }

    public Task EndAsync(object sender, AsyncEventArgs reason)
    {
        if (_messages.Writer.TryComplete())
        {
            EndReason = (reason as ShutdownEventArgs)?.ReplyText ?? "consumer cancelled by the broker";
        }

        return Task.CompletedTask;
    }

    /// <summary>Begins with <see cref="BusEvent.Connected"/>; ends with the connection or the token, without throwing.</summary>
    public async IAsyncEnumerable<BusEvent> ReadAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        yield return new BusEvent.Connected();
        while (await WaitAsync(cancellationToken))
        {
            while (_messages.Reader.TryRead(out BusMessage? message))
            {
                yield return new BusEvent.Received(message);
            }

            if (Interlocked.Exchange(ref _missed, 0) == 1)
            {
                yield return new BusEvent.Connected();
            }
        }
    }

    private async ValueTask<bool> WaitAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await _messages.Reader.WaitToReadAsync(cancellationToken);
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    private BusMessage? Parse(ReadOnlySpan<byte> body)
    {
        try
        {
            return JsonSerializer.Deserialize(body, DeliveryJson.Default.BusMessage) ?? throw new JsonException("null is no message");
        }
        catch (Exception e) when (e is JsonException or NotSupportedException)
        {
            metrics.Dropped("poison");
            logger.PoisonMessage(e.Message);
            return null;
        }
    }
}
