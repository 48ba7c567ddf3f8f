namespace PushPlatform.LocalCluster.Api.Reading;

/// <summary>Ages as kubectl shows them: two units while small, one when large.</summary>
internal static class HumanDuration
{
    public static string Format(TimeSpan age)
    {
        long seconds = Math.Max(0, (long)age.TotalSeconds);
        long minutes = seconds / 60;
        long hours = minutes / 60;
        long days = hours / 24;
        return (seconds, minutes, hours, days) switch
        {
            ( < 120, _, _, _) => $"{seconds}s",
            (_, < 10, _, _) => Two(minutes, "m", seconds % 60, "s"),
            (_, < 180, _, _) => $"{minutes}m",
            (_, _, < 8, _) => Two(hours, "h", minutes % 60, "m"),
            (_, _, < 48, _) => $"{hours}h",
            (_, _, < 192, _) => Two(days, "d", hours % 24, "h"),
            (_, _, _, < 730) => $"{days}d",
            _ => Two(days / 365, "y", days % 365, "d"),
        };
    }

    private static string Two(long large, string largeUnit, long small, string smallUnit) =>
        small == 0 ? $"{large}{largeUnit}" : $"{large}{largeUnit}{small}{smallUnit}";
}
