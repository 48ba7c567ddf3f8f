namespace PushPlatform.Scenarios.Chaos;

/// <summary>What the person asked <c>tests/chaos</c> for.</summary>
/// <param name="FirstSeed">Of the first schedule; each next one has the next seed.</param>
/// <param name="Schedules">How many at most.</param>
/// <param name="Within">No schedule begins after this time.</param>
internal sealed record ChaosOptions(int FirstSeed, int Schedules, TimeSpan Within)
{
    /// <summary>A seed alone is that one schedule; minutes alone are as many schedules as fit; nothing at all is five of them.</summary>
    public static ChaosOptions Of(int? seed, double? minutes, int? schedules) => new(
        seed ?? Random.Shared.Next(1_000_000),
        schedules ?? (minutes is not null ? int.MaxValue : seed is not null ? 1 : 5),
        minutes is { } limit ? TimeSpan.FromMinutes(limit) : TimeSpan.MaxValue);
}
