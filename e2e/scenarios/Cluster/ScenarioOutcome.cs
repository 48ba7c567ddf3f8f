namespace PushPlatform.Scenarios.Cluster;

/// <summary>What came of a scenario.</summary>
/// <param name="Cars">How many cars took part.</param>
/// <param name="Missed">Targets that were online and never saw the notice.</param>
/// <param name="SeenTwice">Cars whose application saw it more than once.</param>
/// <param name="Faults">All that is not as it must be, in words; empty when all is well.</param>
internal sealed record ScenarioOutcome(int Cars, int Missed, int SeenTwice, IReadOnlyList<string> Faults)
{
    /// <summary>Of two campaigns that belong to one story.</summary>
    public ScenarioOutcome And(ScenarioOutcome other) => new(Cars + other.Cars, Missed + other.Missed, SeenTwice + other.SeenTwice, [.. Faults, .. other.Faults]);
}
