using System.Globalization;

namespace PushPlatform.PushNode.Handshake;

/// <summary>How many connections this process can hold. The runtime raises the soft limit of open files to the hard one when it starts.</summary>
internal static class DescriptorLimit
{
    private const string LimitsFile = "/proc/self/limits";
    private const string Line = "Max open files";

    /// <summary>For the runtime's own files, Redis, the broker and the health port.</summary>
    private const int Reserve = 256;

    /// <summary>Where the limit cannot be read.</summary>
    private const int Otherwise = 65_536;

    public static int MaxConnections() => Math.Max(1, ReadLimit() - Reserve);

    private static int ReadLimit()
    {
        string? line = File.Exists(LimitsFile) ? File.ReadLines(LimitsFile).FirstOrDefault(line => line.StartsWith(Line, StringComparison.Ordinal)) : null;
        string? soft = line?[Line.Length..].Split(' ', StringSplitOptions.RemoveEmptyEntries).FirstOrDefault();
        return int.TryParse(soft, NumberStyles.None, CultureInfo.InvariantCulture, out int limit) ? limit : Otherwise;
    }
}
