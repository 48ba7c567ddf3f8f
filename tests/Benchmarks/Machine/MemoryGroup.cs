using System.Globalization;

namespace PushPlatform.Benchmarks.Machine;

/// <summary>A control group with a limit, as a container has one: what its processes use, and what the kernel holds for them.</summary>
internal sealed class MemoryGroup : IDisposable
{
    private readonly string _folder;
    private readonly bool _isV2;

    private MemoryGroup(string folder, bool isV2) => (_folder, _isV2) = (folder, isV2);

    /// <summary>Bytes now, the pages of read files included.</summary>
    public long Used => Number(_isV2 ? "memory.current" : "memory.usage_in_bytes");

    /// <summary>Bytes at the most so far; on kernels that do not remember (version 2 before 5.19) those of now.</summary>
    public long Peak => Number(!_isV2 ? "memory.max_usage_in_bytes" : File.Exists(Path.Combine(_folder, "memory.peak")) ? "memory.peak" : "memory.current");

    /// <summary>Bytes of <see cref="Used"/> that the kernel holds: sockets above all.</summary>
    public long Kernel => _isV2 ? Entry("memory.stat", "kernel") : Number("memory.kmem.usage_in_bytes");

    /// <summary>Processes that were killed for want of memory.</summary>
    public long Killed => Entry(_isV2 ? "memory.events" : "memory.oom_control", "oom_kill");

    /// <param name="why">Null, or why there is none: it wants root and a kernel that lets groups be made.</param>
    public static MemoryGroup? TryCreate(long limit, out string? why)
    {
        why = null;
        bool isV2 = File.Exists("/sys/fs/cgroup/cgroup.controllers");
        string folder = Path.Combine(isV2 ? "/sys/fs/cgroup" : "/sys/fs/cgroup/memory", $"push-bench-{Environment.ProcessId}");
        try
        {
            if (isV2 && !File.ReadAllText("/sys/fs/cgroup/cgroup.subtree_control").Contains("memory", StringComparison.Ordinal))
            {
                why = "the memory controller is not handed down";
                return null;
            }

            Directory.CreateDirectory(folder);
            File.WriteAllText(Path.Combine(folder, isV2 ? "memory.max" : "memory.limit_in_bytes"), $"{limit}");
            return new MemoryGroup(folder, isV2);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            why = fault.Message;
            return null;
        }
    }

    /// <summary>A command that does the same within the group.</summary>
    public (string FileName, IReadOnlyList<string> Arguments) Within(string program, IReadOnlyList<string> arguments) =>
        ("sh", ["-c", "echo $$ > \"$0\" && exec \"$@\"", Path.Combine(_folder, "cgroup.procs"), program, .. arguments]);

    /// <summary>Its processes must have ended.</summary>
    public void Dispose() => Directory.Delete(_folder);

    private long Number(string file) => long.Parse(File.ReadAllText(Path.Combine(_folder, file)), CultureInfo.InvariantCulture);

    private long Entry(string file, string name) => File.ReadLines(Path.Combine(_folder, file))
        .Select(line => line.Split(' '))
        .Where(words => words[0] == name)
        .Select(words => long.Parse(words[1], CultureInfo.InvariantCulture))
        .SingleOrDefault();
}
