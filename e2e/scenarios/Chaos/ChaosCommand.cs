using System.CommandLine;
using PushPlatform.Kubernetes.Client;

namespace PushPlatform.Scenarios.Chaos;

/// <summary>The command line of <c>tests/chaos</c>.</summary>
internal static class ChaosCommand
{
    public static Command Create(TimeProvider time)
    {
        Option<int?> seed = new("--seed") { Description = "The seed of the first schedule; alone: that one schedule." };
        Option<double?> minutes = new("--minutes") { Description = "Begin schedules for so long." };
        Option<int?> schedules = new("--schedules") { Description = "How many schedules at most." };
        Command command = new("chaos", "Random faults in random campaigns, and what the guarantees say about them.") { seed, minutes, schedules };
        command.SetAction((parsed, cancellationToken) =>
            RunAsync(ChaosOptions.Of(parsed.GetValue(seed), parsed.GetValue(minutes), parsed.GetValue(schedules)), time, cancellationToken));
        return command;
    }

    private static async Task<int> RunAsync(ChaosOptions options, TimeProvider time, CancellationToken cancellationToken)
    {
        await using ChaosRun run = new(Console.Out, time);
        long begin = time.GetTimestamp();
        try
        {
            for (int played = 0; played < options.Schedules && time.GetElapsedTime(begin) < options.Within; played++)
            {
                await run.PlayAsync(ScheduleMaker.Make(options.FirstSeed + played), cancellationToken);
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            Console.WriteLine("Stopped.");
        }
        catch (Exception broken) when (broken is TimeoutException or KubernetesException or InvalidOperationException or IOException)
        {
            Console.WriteLine($"The stage could not be set up: {broken.Message}");
            return 1;
        }
        Console.WriteLine($"{run.Passed} passed, {run.Failed} failed, {run.Inconclusive} skipped");
        return run.Failed == 0 && run.Passed > 0 ? 0 : 1;
    }
}
