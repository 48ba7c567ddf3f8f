using System.Globalization;

namespace PushPlatform.Benchmarks.Machine;

/// <summary>What a process and its children have used, as /proc says it: servers with workers count whole.</summary>
internal static class ProcessMeter
{
    /// <summary>USER_HZ of Linux on every architecture that .NET runs on.</summary>
    private const double TicksPerSecond = 100;

    /// <summary>User and system time until now.</summary>
    public static CpuTime Cpu(int pid)
    {
        CpuTime sum = CpuTime.Zero;
        foreach (int process in WithChildren(pid))
        {
            // The name, in parentheses, may hold anything; the numbers come after the last one.
            string stat = Read($"/proc/{process}/stat");
            string[] fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
            sum += new CpuTime(Ticks(fields[11]), Ticks(fields[12]));
        }

        return sum;
    }

    /// <summary>Bytes of memory that are resident now, shared pages included.</summary>
    public static long ResidentBytes(int pid) => WithChildren(pid).Sum(process =>
    {
        string line = Read($"/proc/{process}/status").Split('\n').Single(line => line.StartsWith("VmRSS:", StringComparison.Ordinal));
        return long.Parse(line["VmRSS:".Length..].Replace("kB", "", StringComparison.Ordinal), CultureInfo.InvariantCulture) * 1024;
    });

    /// <summary>CPU time by the names of a process's threads, those that have ended left out.</summary>
    public static IReadOnlyDictionary<string, TimeSpan> CpuByThread(int pid)
    {
        Dictionary<string, TimeSpan> threads = [];
        foreach (string task in Directory.GetDirectories($"/proc/{pid}/task"))
        {
            string stat;
            try
            {
                stat = Read($"{task}/stat");
            }
            catch (IOException)
            {
                // It ended meanwhile.
                continue;
            }

            string name = stat[(stat.IndexOf('(', StringComparison.Ordinal) + 1)..stat.LastIndexOf(')')];
            string[] fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
            threads[name] = threads.GetValueOrDefault(name) + Ticks(fields[11]) + Ticks(fields[12]);
        }

        return threads;
    }

    private static IEnumerable<int> WithChildren(int pid)
    {
        yield return pid;
        string children = $"/proc/{pid}/task/{pid}/children";
        foreach (string child in File.Exists(children) ? Read(children).Split(' ', StringSplitOptions.RemoveEmptyEntries) : [])
        {
            foreach (int process in WithChildren(int.Parse(child, CultureInfo.InvariantCulture)))
            {
                yield return process;
            }
        }
    }

    private static TimeSpan Ticks(string field) => TimeSpan.FromSeconds(long.Parse(field, CultureInfo.InvariantCulture) / TicksPerSecond);

    private static string Read(string path) => File.ReadAllText(path).TrimEnd('\n');
}

/// <summary>CPU time of a process.</summary>
internal readonly record struct CpuTime(TimeSpan User, TimeSpan System)
{
    public static CpuTime Zero => default;

    public TimeSpan Total => User + System;

    public static CpuTime operator +(CpuTime left, CpuTime right) => new(left.User + right.User, left.System + right.System);

    public static CpuTime operator -(CpuTime left, CpuTime right) => new(left.User - right.User, left.System - right.System);

    /// <summary>Microseconds of the whole for one of <paramref name="count"/>.</summary>
    public double MicrosecondsEach(long count) => Total.TotalMicroseconds / Math.Max(1, count);
}
