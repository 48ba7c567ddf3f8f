namespace PushPlatform.Delivery.Telemetry;

/// <summary>Which signals leave over OTLP, as OpenTelemetry's own variables say. Whatever else they say (protocol, headers, sampler, intervals) the SDK reads by itself.</summary>
/// <param name="Traces">A collector is named for them, and nothing forbids them.</param>
/// <param name="Metrics">As <paramref name="Traces"/>. <c>/metrics</c> is there in any case.</param>
public sealed record TelemetrySettings(bool Traces, bool Metrics)
{
    private const string Endpoint = "OTEL_EXPORTER_OTLP_ENDPOINT";
    private const string TracesEndpoint = "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT";
    private const string MetricsEndpoint = "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT";

    /// <summary>Nothing leaves.</summary>
    public static readonly TelemetrySettings Off = new(Traces: false, Metrics: false);

    /// <summary>
    /// Those that make sense for every process of an installation, so that an operator hands its own on to the nodes that it makes. Not among them: names and
    /// attributes of one process, and headers, which may hold a password and would be seen by whoever may read Deployments.
    /// </summary>
    public static readonly IReadOnlyList<string> Shared =
    [
        Endpoint, TracesEndpoint, MetricsEndpoint,
        "OTEL_EXPORTER_OTLP_PROTOCOL", "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "OTEL_EXPORTER_OTLP_METRICS_PROTOCOL", "OTEL_EXPORTER_OTLP_TIMEOUT",
        "OTEL_TRACES_EXPORTER", "OTEL_METRICS_EXPORTER", "OTEL_METRIC_EXPORT_INTERVAL", "OTEL_TRACES_SAMPLER", "OTEL_TRACES_SAMPLER_ARG", "OTEL_SDK_DISABLED",
    ];

    /// <param name="environment">Value of a variable; null or empty when it is not set.</param>
    /// <param name="faults">Gets a sentence for each collector's address that is none; it may hold a password and is not repeated.</param>
    public static TelemetrySettings Read(Func<string, string?> environment, ICollection<string> faults)
    {
        bool Has(string name) => !string.IsNullOrEmpty(environment(name));
        foreach (string name in (string[])[Endpoint, TracesEndpoint, MetricsEndpoint])
        {
            if (Has(name) && !IsCollector(environment(name)))
            {
                faults.Add($"{name}: not an http:// or https:// URL without a password in it.");
            }
        }

        bool on = !string.Equals(environment("OTEL_SDK_DISABLED"), "true", StringComparison.OrdinalIgnoreCase);
        return new TelemetrySettings(
            on && (Has(Endpoint) || Has(TracesEndpoint)) && IsOtlp(environment("OTEL_TRACES_EXPORTER")),
            on && (Has(Endpoint) || Has(MetricsEndpoint)) && IsOtlp(environment("OTEL_METRICS_EXPORTER")));
    }

    private static bool IsCollector(string? address) =>
        Uri.TryCreate(address, UriKind.Absolute, out Uri? uri) && uri is { Scheme: "http" or "https", UserInfo.Length: 0 };

    // A list; unset means otlp, and exporters that we do not have are not an error.
    private static bool IsOtlp(string? exporters) =>
        string.IsNullOrEmpty(exporters) || exporters.Split(',', StringSplitOptions.TrimEntries).Contains("otlp", StringComparer.Ordinal);
}
