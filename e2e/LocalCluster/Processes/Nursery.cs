using System.Collections.Concurrent;
using System.Diagnostics;

namespace PushPlatform.LocalCluster.Processes;

/// <summary>
/// The one thread that forks children. A parent-death signal is bound to the <em>thread</em> that forked (prctl(2)), and threads of the pool
/// come and go: a child forked from one of those would be killed when its idle thread retires.
/// </summary>
internal static class Nursery
{
    // Unbounded on purpose: each entry is a caller that awaits it, so its length is the number of children being started at once.
    private static readonly BlockingCollection<(ProcessStartInfo Info, TaskCompletionSource<Process> Started)> Requests = [];

    static Nursery() => new Thread(Fork) { IsBackground = true, Name = "child-process-nursery" }.Start();

    public static Task<Process> StartAsync(ProcessStartInfo info)
    {
        TaskCompletionSource<Process> started = new(TaskCreationOptions.RunContinuationsAsynchronously);
        Requests.Add((info, started));
        return started.Task;
    }

    private static void Fork()
    {
        foreach ((ProcessStartInfo info, TaskCompletionSource<Process> started) in Requests.GetConsumingEnumerable())
        {
            try
            {
                started.SetResult(Process.Start(info) ?? throw new InvalidOperationException($"{info.FileName} did not start"));
            }
            catch (Exception error)
            {
                started.SetException(error);
            }
        }
    }
}
