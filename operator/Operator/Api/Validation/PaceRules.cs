namespace PushPlatform.Operator.Api.Validation;

/// <summary>What <c>spec.pace</c> must hold.</summary>
internal static class PaceRules
{
    public static void Check(FaultList faults, Pace pace)
    {
        faults.Range("spec.pace.maxPerSecond", pace.MaxPerSecond, 1, 100_000);
        faults.Range("spec.pace.maxInFlight", pace.MaxInFlight, 16, 100_000_000);
        faults.Range("spec.pace.catchUpPercent", pace.CatchUpPercent, 1, 100);
        if (pace.Ramp is { } ramp)
        {
            faults.Range("spec.pace.ramp.basePerSecond", ramp.BasePerSecond, 1, 100_000);
            faults.Range("spec.pace.ramp.factor", ramp.Factor, 1.1, 10);
            faults.Range("spec.pace.ramp.everyDelivered", ramp.EveryDelivered, 1, 100_000_000);
            faults.Require(ramp.BasePerSecond <= pace.MaxPerSecond, "spec.pace.ramp.basePerSecond", "a ramp begins at most at maxPerSecond, where it ends");
        }
    }
}
