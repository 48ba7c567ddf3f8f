using PushPlatform.Operator.Api;

namespace PushPlatform.Scenarios.Demo;

/// <summary>Where a person follows the demo.</summary>
internal interface IDemoView : IAsyncDisposable
{
    /// <summary>Something begins or has happened.</summary>
    void Say(string text);

    /// <summary>The campaign's status and the fleet, as they are now. May be called often; shows what changed.</summary>
    void Show(PushCampaignStatus status, int connected);

    Task ConcludeAsync(HotfixReport report);
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

    public async Task ConcludeAsync(HotfixReport report)
    {
        foreach (string line in DemoWords.Summary(report))
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

    public static IEnumerable<string> Summary(HotfixReport report)
    {
        yield return "";
        yield return $"  {report.Phase} in {report.Seconds:0.0} s";
        yield return $"  cars                        {report.Vehicles,6}";
        yield return $"  matched before the start    {report.Matched,6}   ({report.Online} online)";
        yield return $"  targeted                    {report.Targeted,6}   (with the newcomers of the push)";
        yield return $"  delivered                   {report.Delivered,6}";
        yield return $"  failed                      {report.Failed,6}";
        yield return $"  caught up after being away  {report.CaughtUp,6}";
        yield return $"  sent again                  {report.Resends,6}   (links cut, {report.NodesKilled} node killed)";
        yield return "";
        yield return "  By the cars' own account:";
        yield return $"  targets that missed it      {report.Missed,6}";
        yield return $"  cars that saw it twice      {report.SeenTwice,6}";
        yield return $"  seen by others              {report.SeenByNonTargets,6}";
        yield return "";
        yield return report.Good ? "  Every target saw the notice exactly once." : "  NOT as it must be:";
        foreach (string fault in report.Faults)
        {
            yield return $"  - {fault}";
        }
    }
}
