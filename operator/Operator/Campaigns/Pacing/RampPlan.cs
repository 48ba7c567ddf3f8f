using PaceSpec = PushPlatform.Operator.Api.Pace;

namespace PushPlatform.Operator.Campaigns.Pacing;

/// <summary>
/// Sends per second after so many deliveries. It depends on nothing else, so every operator comes to the same; deliveries never become fewer, so it never
/// falls; and without an operator it stays as it is.
/// </summary>
internal static class RampPlan
{
    public static int RateAt(PaceSpec pace, long delivered)
    {
        if (pace.Ramp is not { } ramp)
        {
            return pace.MaxPerSecond;
        }
        // Beyond any number it is infinite, which is more than the maximum too.
        double rate = ramp.BasePerSecond * Math.Pow(ramp.Factor, delivered / ramp.EveryDelivered);
        return rate < pace.MaxPerSecond ? (int)rate : pace.MaxPerSecond;
    }
}
