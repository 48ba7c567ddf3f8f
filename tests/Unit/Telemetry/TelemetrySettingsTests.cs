using PushPlatform.Delivery.Telemetry;
using Shouldly;
using Xunit;

namespace PushPlatform.Tests.Unit.Telemetry;

public sealed class TelemetrySettingsTests
{
    [Theory]
    [InlineData("", false, false)]
    [InlineData("OTEL_EXPORTER_OTLP_ENDPOINT=http://c:4317", true, true)]
    [InlineData("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT=https://c/v1/traces", true, false)]
    [InlineData("OTEL_EXPORTER_OTLP_METRICS_ENDPOINT=https://c/v1/metrics", false, true)]
    [InlineData("OTEL_EXPORTER_OTLP_ENDPOINT=http://c:4317 OTEL_TRACES_EXPORTER=none", false, true)]
    [InlineData("OTEL_EXPORTER_OTLP_ENDPOINT=http://c:4317 OTEL_METRICS_EXPORTER=prometheus", true, false)]
    [InlineData("OTEL_EXPORTER_OTLP_ENDPOINT=http://c:4317 OTEL_TRACES_EXPORTER=console,otlp", true, true)]
    [InlineData("OTEL_EXPORTER_OTLP_ENDPOINT=http://c:4317 OTEL_SDK_DISABLED=TRUE", false, false)]
    [InlineData("OTEL_TRACES_EXPORTER=otlp", false, false)]
    public void Read_Variables_SayWhatLeaves(string variables, bool traces, bool metrics)
    {
        List<string> faults = [];

        TelemetrySettings.Read(Environment(variables), faults).ShouldBe(new TelemetrySettings(traces, metrics));

        faults.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("", true, LogFormat.Text)]
    [InlineData("", false, LogFormat.Json)]
    [InlineData("KUBERNETES_SERVICE_HOST=10.0.0.1", true, LogFormat.Json)]
    [InlineData("KUBERNETES_SERVICE_HOST=10.0.0.1 PUSH_LOG_FORMAT=text", false, LogFormat.Text)]
    [InlineData("PUSH_LOG_FORMAT=json", true, LogFormat.Json)]
    public void ReadFormat_WhereItRuns_DecidesUnlessSomebodyDoes(string variables, bool isTerminal, LogFormat expected)
    {
        List<string> faults = [];

        PushLogging.ReadFormat(Environment(variables), isTerminal, faults).ShouldBe(expected);

        faults.ShouldBeEmpty();
    }

    private static Func<string, string?> Environment(string variables) =>
        variables.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(pair => pair.Split('=', 2)).ToDictionary(pair => pair[0], pair => pair[1]).GetValueOrDefault;
}
