using System.Text;
using OpenTelemetry;
using OpenTelemetry.Metrics;

namespace PushPlatform.Delivery.Telemetry;

/// <summary>
/// The process's metrics in Prometheus' text format 0.0.4, made when they are asked for. OpenTelemetry aggregates; its own Prometheus exporter is not in our
/// package source, and the text is a page of code.
/// </summary>
public sealed class PrometheusScrape : IDisposable
{
    public const string ContentType = "text/plain; version=0.0.4; charset=utf-8";

    private readonly Lock _one = new();
    private readonly TextExporter _exporter = new();
    private readonly BaseExportingMetricReader _reader;
    private readonly MeterProvider _provider;

    /// <param name="meters">Names of the meters; <c>*</c> stands for anything.</param>
    public PrometheusScrape(params string[] meters)
    {
        _reader = new BaseExportingMetricReader(_exporter);
        _provider = Sdk.CreateMeterProviderBuilder().AddMeter(meters).AddReader(_reader).Build();
    }

    /// <summary>All series as they stand now. Scrapes wait for one another.</summary>
    public string Scrape()
    {
        lock (_one)
        {
            return _reader.Collect() ? _exporter.Text : "";
        }
    }

    public void Dispose() => _provider.Dispose();

    [ExportModes(ExportModes.Pull)]
    private sealed class TextExporter : BaseExporter<Metric>, IPullMetricExporter
    {
        public string Text { get; private set; } = "";

        public Func<int, bool>? Collect { get; set; }

        public override ExportResult Export(in Batch<Metric> batch)
        {
            var text = new StringBuilder();
            foreach (Metric metric in batch)
            {
                PrometheusText.Append(text, metric);
            }
            Text = text.ToString();
            return ExportResult.Success;
        }
    }
}
