using PushPlatform.Operator.Api;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace PushPlatform.Scenarios.Demo;

/// <summary>For a terminal: the status redrawn in place, and above it what happened.</summary>
internal sealed class LiveView : IDemoView
{
    private readonly Lock _lock = new();
    private readonly Queue<string> _said = new();
    private readonly TimeProvider _time;
    private readonly long _start;
    private readonly TaskCompletionSource _over = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Task _drawing;
    private PushCampaignStatus? _status;
    private int _connected;

    public LiveView(TimeProvider time)
    {
        (_time, _start) = (time, time.GetTimestamp());
        _drawing = AnsiConsole.Live(new Text("")).StartAsync(DrawAsync);
    }

    public void Say(string text)
    {
        lock (_lock)
        {
            _said.Enqueue($"{_time.GetElapsedTime(_start).TotalSeconds,6:0.0}s  {text}");
            while (_said.Count > 14)
            {
                _said.Dequeue();
            }
        }
    }

    public void Show(PushCampaignStatus status, int connected)
    {
        lock (_lock)
        {
            (_status, _connected) = (status, connected);
        }
    }

    public async Task ConcludeAsync(StoryReport report)
    {
        await DisposeAsync();
        foreach (string line in report.Summary())
        {
            AnsiConsole.MarkupLineInterpolated($"[{(report.Good ? "default" : "red")}]{line}[/]");
        }
    }

    /// <summary>Draws for the last time and leaves the picture standing.</summary>
    public async ValueTask DisposeAsync()
    {
        _over.TrySetResult();
        await _drawing;
    }

    private async Task DrawAsync(LiveDisplayContext context)
    {
        using PeriodicTimer tick = new(TimeSpan.FromMilliseconds(150), _time);
        while (!_over.Task.IsCompleted)
        {
            context.UpdateTarget(Draw());
            await Task.WhenAny(tick.WaitForNextTickAsync().AsTask(), _over.Task);
        }

        context.UpdateTarget(Draw());
    }

    private Rows Draw()
    {
        lock (_lock)
        {
            // Never empty: the library cannot draw nothing.
            List<IRenderable> rows = [new Text("PushPlatform: a patch to a fleet"), .. _said.Select(line => new Text(line))];
            if (_status is { Counts: { Targeted: > 0 } counts } status)
            {
                rows.Add(new BreakdownChart()
                    .Width(72)
                    .AddItem("delivered", counts.Delivered, Color.Green)
                    .AddItem("in flight", counts.InFlight, Color.Yellow)
                    .AddItem("pending", counts.Pending, Color.Grey)
                    .AddItem("other", counts.Failed + counts.Rejected + counts.Expired + counts.Superseded + counts.Suppressed, Color.Red));
                rows.Add(new Text($"{status.Phase}: {status.Message}; {counts.Resends} sent again, {counts.CaughtUp} caught up; {_connected} cars connected"));
            }
            else if (_status is { } waiting)
            {
                rows.Add(new Text(DemoWords.Progress(waiting, _connected)));
            }

            return new Rows(rows);
        }
    }
}
