using System.Diagnostics.Metrics;
using OpenTelemetry.Metrics;

namespace PushPlatform.Delivery.Telemetry;

/// <summary>The meters that both ways out show.</summary>
public static class PushMeters
{
    /// <summary>
    /// A tag of an instrument, an int: how many series it may have in the life of its process, where the SDK's 2000 are too few. The SDK never gives a series' place
    /// back, also when what it was about is long gone; those beyond are thrown together into one.
    /// </summary>
    public const string MostSeries = "push.most_series";

    /// <summary>Meters and activity sources of ours have names like this.</summary>
    internal const string Ours = "PushPlatform.*";

    /// <summary>Garbage collection, heap, thread pool, exceptions; and connections as Kestrel counts them.</summary>
    private static readonly string[] OfThePlatform = ["System.Runtime", "Microsoft.AspNetCore.Server.Kestrel"];

    internal static MeterProviderBuilder AddPushMeters(this MeterProviderBuilder builder, IMeterFactory meters) => builder
        .AddMeter([Ours, .. OfThePlatform])
        .AddView(instrument => IsForeign(instrument, meters) ? MetricStreamConfiguration.Drop
            : SeriesOf(instrument) is { } most ? new MetricStreamConfiguration { CardinalityLimit = most }
            : null);

    private static int? SeriesOf(Instrument instrument) => instrument.Tags?.FirstOrDefault(tag => tag.Key == MostSeries).Value as int?;

    /// <summary>Of another node in this process: listening goes by name and would mix them.</summary>
    private static bool IsForeign(Instrument instrument, IMeterFactory meters) => instrument.Meter.Scope is IMeterFactory other && !ReferenceEquals(other, meters);
}
