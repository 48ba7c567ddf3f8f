using System.Diagnostics.Metrics;
using System.Globalization;
using System.Text;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using OpenTelemetry;
using OpenTelemetry.Metrics;

namespace PushPlatform.Delivery.Telemetry;

/// <summary>What the meters of this process count, as Prometheus' text format 0.0.4.</summary>
public sealed class PrometheusExporter : IDisposable
{
    public const string ContentType = "text/plain; version=0.0.4; charset=utf-8";

    private readonly Lock _gate = new();
    private readonly TextExporter _exporter = new();
    private readonly MeterProvider _provider;

    public PrometheusExporter(IMeterFactory meters) =>
        _provider = Sdk.CreateMeterProviderBuilder()
            // Without the process's variables: OTEL_SDK_DISABLED is about what is sent, /metrics is there for whoever asks.
            .ConfigureServices(services => services.AddSingleton<IConfiguration>(new ConfigurationBuilder().Build()))
            .AddPushMeters(meters)
            .AddReader(new BaseExportingMetricReader(_exporter))
            .Build();

    /// <summary>Reads all meters now.</summary>
    public string Collect()
    {
        lock (_gate)
        {
            // Set by the reader; a pull exporter may be collected through it alone.
            _exporter.Collect?.Invoke(Timeout.Infinite);
            return _exporter.Text;
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
            StringBuilder text = new();
            foreach (Metric metric in batch)
            {
                Write(text, metric);
            }

            Text = text.ToString();
            return ExportResult.Success;
        }

        private static void Write(StringBuilder text, Metric metric)
        {
            bool counter = metric.MetricType is MetricType.LongSum or MetricType.DoubleSum;
            bool histogram = metric.MetricType is MetricType.Histogram;
            string name = WithUnit(NameOf(metric.Name), metric.Unit);
            name += counter && !name.EndsWith("_total", StringComparison.Ordinal) ? "_total" : "";
            string type = counter ? "counter" : histogram ? "histogram" : "gauge";
            text.Append("# HELP ").Append(name).Append(' ').Append(metric.Description.ReplaceLineEndings(" ")).Append('\n');
            text.Append("# TYPE ").Append(name).Append(' ').Append(type).Append('\n');
            foreach (ref readonly MetricPoint point in metric.GetMetricPoints())
            {
                string labels = LabelsOf(point.Tags);
                switch (metric.MetricType)
                {
                    case MetricType.LongSum or MetricType.LongSumNonMonotonic:
                        Line(text, name, labels, point.GetSumLong());
                        break;
                    case MetricType.DoubleSum or MetricType.DoubleSumNonMonotonic:
                        Line(text, name, labels, point.GetSumDouble());
                        break;
                    case MetricType.LongGauge:
                        Line(text, name, labels, point.GetGaugeLastValueLong());
                        break;
                    case MetricType.DoubleGauge:
                        Line(text, name, labels, point.GetGaugeLastValueDouble());
                        break;
                    case MetricType.Histogram:
                        WriteHistogram(text, name, labels, point);
                        break;
                    default:
                        break;
                }
            }
        }

        private static void WriteHistogram(StringBuilder text, string name, string labels, in MetricPoint point)
        {
            long below = 0;
            foreach (HistogramBucket bucket in point.GetHistogramBuckets())
            {
                below += bucket.BucketCount;
                string bound = double.IsPositiveInfinity(bucket.ExplicitBound) ? "+Inf" : Number(bucket.ExplicitBound);
                Line(text, name + "_bucket", labels.Length == 0 ? $"le=\"{bound}\"" : $"{labels},le=\"{bound}\"", below);
            }

            Line(text, name + "_sum", labels, point.GetHistogramSum());
            Line(text, name + "_count", labels, point.GetHistogramCount());
        }

        private static void Line(StringBuilder text, string name, string labels, double value)
        {
            text.Append(name);
            if (labels.Length > 0)
            {
                text.Append('{').Append(labels).Append('}');
            }

            text.Append(' ').Append(Number(value)).Append('\n');
        }

        private static string Number(double value) => value.ToString("R", CultureInfo.InvariantCulture);

        private static string LabelsOf(ReadOnlyTagCollection tags)
        {
            List<string> labels = [];
            foreach (KeyValuePair<string, object?> tag in tags)
            {
                string value = $"{tag.Value}".Replace("\\", "\\\\").Replace("\"", "\\\"").Replace("\n", "\\n");
                labels.Add($"{NameOf(tag.Key)}=\"{value}\"");
            }

            return string.Join(',', labels);
        }

        /// <summary>Prometheus has the unit in the name; OpenTelemetry's names have it beside them.</summary>
        private static string WithUnit(string name, string unit)
        {
            string suffix = unit switch { "s" => "_seconds", "By" => "_bytes", _ => "" };
            return name.EndsWith(suffix, StringComparison.Ordinal) ? name : name + suffix;
        }

        private static string NameOf(string name) => string.Concat(name.Select(c => char.IsAsciiLetterOrDigit(c) ? c : '_'));
    }
}
