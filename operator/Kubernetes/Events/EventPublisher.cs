using System.Text;
using System.Text.Json.Nodes;
using System.Threading.Channels;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using PushPlatform.Kubernetes.Client;
using PushPlatform.Kubernetes.Models;

namespace PushPlatform.Kubernetes.Events;

/// <summary>Writes events in the background, one after the other, so that no reconcile ever waits for one.</summary>
internal sealed class EventPublisher(
    IKubernetesClient client, string controller, string instance, TimeProvider time, KubernetesMetrics metrics, ILogger<EventPublisher> logger) : BackgroundService, IEventPublisher
{
    private const int MaxNoteBytes = 1024;
    private const int Attempts = 3;
    private static readonly TimeSpan FlushAfter = TimeSpan.FromSeconds(3);

    // 1,000 waiting: some minutes of an unreachable API server. Full: the newest is dropped and counted; events are a courtesy, conditions are the truth.
    private readonly Channel<Occurrence> _waiting = Channel.CreateBounded<Occurrence>(new BoundedChannelOptions(1000) { SingleReader = true });
    private readonly EventAggregator _aggregator = new();

    public void Publish(IKubernetesObject<V1ObjectMeta> entity, string reason, string message, EventType type = EventType.Normal, string action = "Reconcile")
    {
        var occurrence = new Occurrence(new EventIdentity(entity.Uid(), reason, Cut(message), type, action), entity.MakeObjectReference(), time.GetUtcNow());
        if (!_waiting.Writer.TryWrite(occurrence))
        {
            Dropped("queue full");
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            while (await WaitOrTickAsync(stoppingToken))
            {
                while (_waiting.Reader.TryRead(out var occurrence))
                {
                    await TakeAsync(occurrence, stoppingToken);
                }

                await WriteCountsAsync(stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // What still waits is written below.
        }

        using var limit = new CancellationTokenSource(FlushAfter, time);
        while (!limit.IsCancellationRequested && _waiting.Reader.TryRead(out var occurrence))
        {
            await TakeAsync(occurrence, limit.Token);
        }
    }

    /// <summary>Returns when something waits, or when counts are due to be written.</summary>
    private async Task<bool> WaitOrTickAsync(CancellationToken stoppingToken)
    {
        if (_aggregator.Unwritten().Count == 0)
        {
            return await _waiting.Reader.WaitToReadAsync(stoppingToken);
        }

        using var tick = new CancellationTokenSource(EventAggregator.CountEvery, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(tick.Token, stoppingToken);
        try
        {
            return await _waiting.Reader.WaitToReadAsync(either.Token);
        }
        catch (OperationCanceledException) when (!stoppingToken.IsCancellationRequested)
        {
            return true;
        }
    }

    private async Task TakeAsync(Occurrence occurrence, CancellationToken cancellationToken)
    {
        switch (_aggregator.Take(occurrence))
        {
            case (EventWrite.Create, { } series):
                await WriteAsync(occurrence.Identity, occurrence.Regarding, ct => client.CreateAsync(ToEvent(occurrence, series.Name), cancellationToken: ct), cancellationToken);
                break;
            case (EventWrite.Count, { } series):
                await WriteCountAsync(occurrence.Identity, occurrence.Regarding, series, cancellationToken);
                break;
            case (EventWrite.Drop, _):
                Dropped("rate");
                break;
        }
    }

    private async Task WriteCountsAsync(CancellationToken cancellationToken)
    {
        foreach (var (identity, series) in _aggregator.Unwritten().Where(entry => time.GetUtcNow() - entry.Series.WrittenAt >= EventAggregator.CountEvery))
        {
            await WriteCountAsync(identity, series.Regarding, series, cancellationToken);
        }
    }

    private Task WriteCountAsync(EventIdentity identity, V1ObjectReference regarding, EventSeries series, CancellationToken cancellationToken)
    {
        var count = series.Count;
        var patch = new JsonObject
        {
            ["series"] = new JsonObject { ["count"] = count, ["lastObservedTime"] = MicroTimeConverter.Format(series.LastAt) },
        };
        (series.WrittenCount, series.WrittenAt) = (count, time.GetUtcNow());
        return WriteAsync(
            identity,
            regarding,
            ct => client.PatchAsync<Eventsv1Event>(V1Patch.Merge(patch), series.Name, Occurrence.NamespaceOf(regarding), cancellationToken: ct),
            cancellationToken);
    }

    private async Task WriteAsync(EventIdentity identity, V1ObjectReference regarding, Func<CancellationToken, Task> write, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                await write(cancellationToken);
                return;
            }
            catch (Exception exception) when (exception is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
            {
                // A refusal stays one: the Event has expired, its namespace is going, or we may not write events.
                if (exception is KubernetesException || attempt == Attempts)
                {
                    _aggregator.Forget(identity);
                    Log.EventLost(logger, new NamespacedName(regarding.NamespaceProperty ?? "", regarding.Name ?? ""), identity.Reason, exception.Message);
                    Dropped("refused");
                    return;
                }

                await Task.Delay(TimeSpan.FromSeconds(attempt), time, cancellationToken);
            }
        }
    }

    private Eventsv1Event ToEvent(Occurrence occurrence, string name) => new()
    {
        Metadata = { Name = name, NamespaceProperty = Occurrence.NamespaceOf(occurrence.Regarding) },
        EventTime = occurrence.At,
        ReportingController = controller,
        ReportingInstance = instance,
        Action = occurrence.Identity.Action,
        Reason = occurrence.Identity.Reason,
        Regarding = occurrence.Regarding,
        Note = occurrence.Identity.Message,
        Type = occurrence.Identity.Type.ToString(),
    };

    private void Dropped(string cause) => metrics.EventsDropped.Add(1, new KeyValuePair<string, object?>("cause", cause));

    private static string Cut(string message)
    {
        if (Encoding.UTF8.GetByteCount(message) <= MaxNoteBytes)
        {
            return message;
        }

        var text = new StringBuilder();
        var bytes = 0;
        foreach (var rune in message.EnumerateRunes())
        {
            bytes += rune.Utf8SequenceLength;
            if (bytes > MaxNoteBytes - 3)
            {
                break;
            }

            text.Append(rune);
        }

        return text.Append('…').ToString();
    }
}
