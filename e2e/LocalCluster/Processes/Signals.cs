using System.Runtime.InteropServices;

namespace PushPlatform.LocalCluster.Processes;

/// <summary>The POSIX signals that are sent to children; the values are Linux's.</summary>
internal enum Signal
{
    HangUp = 1,
    Kill = 9,
    Terminate = 15,
    Continue = 18,
    Stop = 19,
}

internal static partial class Signals
{
    /// <summary>Sends a signal; a process that is gone already is not an error.</summary>
    public static void Send(int pid, Signal signal) => _ = Kill(pid, (int)signal);

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Kill(int pid, int signal);
}
