using System.Globalization;
using System.Text;
using OpenTelemetry;
using OpenTelemetry.Metrics;

namespace PushPlatform.Delivery.Telemetry;

/// <summary>One metric in Prometheus' text format. Names are used as they were given, so they are given as Prometheus wants them.</summary>
internal static class PrometheusText
{
    public static void Append(StringBuilder text, Metric metric)
    {
        string name = metric.Name.Replace('.', '_');
        string help = metric.Description.Replace("\\", "\\\\").Replace("\n", "\\n");
        text.Append("# HELP ").Append(name).Append(' ').Append(help).Append('\n');
        text.Append("# TYPE ").Append(name).Append(' ').Append(Kind(metric.MetricType)).Append('\n');
        foreach (ref readonly MetricPoint point in metric.GetMetricPoints())
        {
            string labels = Labels(point.Tags);
            if (metric.MetricType == MetricType.Histogram)
            {
                AppendHistogram(text, name, labels, point);
            }
            else
            {
                AppendLine(text, name, labels, Value(metric.MetricType, point));
            }
        }
    }

    private static void AppendHistogram(StringBuilder text, string name, string labels, in MetricPoint point)
    {
        long soFar = 0;
        foreach (HistogramBucket bucket in point.GetHistogramBuckets())
        {
            soFar += bucket.BucketCount;
            string bound = double.IsPositiveInfinity(bucket.ExplicitBound) ? "+Inf" : Text(bucket.ExplicitBound);
            AppendLine(text, $"{name}_bucket", labels.Length == 0 ? $"le=\"{bound}\"" : $"{labels},le=\"{bound}\"", soFar);
        }
        AppendLine(text, $"{name}_sum", labels, point.GetHistogramSum());
        AppendLine(text, $"{name}_count", labels, point.GetHistogramCount());
    }

    private static void AppendLine(StringBuilder text, string name, string labels, double value)
    {
        text.Append(name);
        if (labels.Length > 0)
        {
            text.Append('{').Append(labels).Append('}');
        }
        text.Append(' ').Append(Text(value)).Append('\n');
    }

    private static string Labels(ReadOnlyTagCollection tags)
    {
        var labels = new StringBuilder();
        foreach ((string key, object? value) in tags)
        {
            string escaped = (value?.ToString() ?? "").Replace("\\", "\\\\").Replace("\"", "\\\"").Replace("\n", "\\n");
            labels.Append(labels.Length == 0 ? "" : ",").Append(key.Replace('.', '_')).Append("=\"").Append(escaped).Append('"');
        }
        return labels.ToString();
    }

    private static string Kind(MetricType type) => type switch
    {
        MetricType.LongSum or MetricType.DoubleSum => "counter",
        MetricType.Histogram => "histogram",
        _ => "gauge",
    };

    private static double Value(MetricType type, in MetricPoint point) => type switch
    {
        MetricType.LongSum or MetricType.LongSumNonMonotonic => point.GetSumLong(),
        MetricType.DoubleSum or MetricType.DoubleSumNonMonotonic => point.GetSumDouble(),
        MetricType.LongGauge => point.GetGaugeLastValueLong(),
        _ => point.GetGaugeLastValueDouble(),
    };

    private static string Text(double value) => value.ToString("R", CultureInfo.InvariantCulture);
}
