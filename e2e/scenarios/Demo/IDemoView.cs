using PushPlatform.Operator.Api;

namespace PushPlatform.Scenarios.Demo;

/// <summary>Where a person follows the demo.</summary>
internal interface IDemoView : IAsyncDisposable
{
    /// <summary>Something begins or has happened.</summary>
    void Say(string text);

    /// <summary>The campaign's status and the fleet, as they are now. May be called often; shows what changed.</summary>
    void Show(PushCampaignStatus status, int connected);

    Task ConcludeAsync(StoryReport report);
}

/// <summary>Plain lines, for logs and pipes: each with the seconds since the start.</summary>
internal sealed class LineView(TextWriter output, TimeProvider time) : IDemoView
{
    private readonly long _start = time.GetTimestamp();
    private readonly Lock _lock = new();
    private string _last = "";

    public void Say(string text)
    {
        lock (_lock)
        {
            output.WriteLine($"{time.GetElapsedTime(_start).TotalSeconds,6:0.0}s  {text}");
        }
    }

    public void Show(PushCampaignStatus status, int connected)
    {
        string line = DemoWords.Progress(status, connected);
        if (line != _last)
        {
            _last = line;
            Say(line);
        }
    }

    public async Task ConcludeAsync(StoryReport report)
    {
        foreach (string line in report.Summary())
        {
            await output.WriteLineAsync(line);
        }
    }

    public async ValueTask DisposeAsync() => await output.FlushAsync();
}

/// <summary>The words that both views use.</summary>
internal static class DemoWords
{
    public static string Progress(PushCampaignStatus status, int connected)
    {
        string counts = status.Counts is { Targeted: > 0 } c
            ? $"delivered {c.Delivered}/{c.Targeted}, in flight {c.InFlight}, pending {c.Pending}, resends {c.Resends}, caught up {c.CaughtUp}"
            : status.Preview is { } preview
                ? $"would reach {preview.Matched} cars, {preview.Online} online"
                : "";
        return $"{status.Phase?.ToString() ?? "new",-12} {counts} · {connected} cars connected";
    }
}
