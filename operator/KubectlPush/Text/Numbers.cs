namespace PushPlatform.KubectlPush.Text;

/// <summary>Numbers and times as people read them.</summary>
internal static class Numbers
{
    public static string Vehicles(long count) => count == 1 ? "1 car" : $"{count} cars";

    /// <summary>As kubectl writes ages: 45s, 12m, 3h20m, 5d.</summary>
    public static string Age(TimeSpan age) => age switch
    {
        _ when age < TimeSpan.Zero => "0s",
        { TotalMinutes: < 2 } => $"{(int)age.TotalSeconds}s",
        { TotalHours: < 3 } => age.Seconds == 0 || age.TotalMinutes >= 10 ? $"{(int)age.TotalMinutes}m" : $"{(int)age.TotalMinutes}m{age.Seconds}s",
        { TotalHours: < 24 } => age.Minutes == 0 ? $"{(int)age.TotalHours}h" : $"{(int)age.TotalHours}h{age.Minutes}m",
        _ => $"{(int)age.TotalDays}d",
    };

    /// <summary>In UTC, to the second: it may be read in another zone than it is written in.</summary>
    public static string Time(DateTimeOffset at) => at.ToUniversalTime().ToString("yyyy-MM-dd HH:mm:ss'Z'");
}
