using System.Diagnostics.Metrics;
using OpenTelemetry.Metrics;

namespace PushPlatform.Delivery.Telemetry;

/// <summary>The meters that both ways out show.</summary>
internal static class PushMeters
{
    /// <summary>Meters and activity sources of ours have names like this.</summary>
    public const string Ours = "PushPlatform.*";

    /// <summary>Garbage collection, heap, thread pool, exceptions; and connections as Kestrel counts them.</summary>
    private static readonly string[] OfThePlatform = ["System.Runtime", "Microsoft.AspNetCore.Server.Kestrel"];

    public static MeterProviderBuilder AddPushMeters(this MeterProviderBuilder builder, IMeterFactory meters) => builder
        .AddMeter([Ours, .. OfThePlatform])
        .AddView(instrument => IsForeign(instrument, meters) ? MetricStreamConfiguration.Drop : null);

    /// <summary>Of another node in this process: listening goes by name and would mix them.</summary>
    private static bool IsForeign(Instrument instrument, IMeterFactory meters) => instrument.Meter.Scope is IMeterFactory other && !ReferenceEquals(other, meters);
}
