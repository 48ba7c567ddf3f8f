using PushPlatform.Delivery.Redis;
using PushPlatform.Delivery.Telemetry;
using PushPlatform.Kubernetes.Controllers;
using PushPlatform.Operator.Campaigns;
using PushPlatform.Operator.Loops;

namespace PushPlatform.Operator.Hosting;

/// <summary>What probes and Prometheus ask.</summary>
internal static class HealthEndpoints
{
    /// <summary>
    /// <c>/healthz</c>: would a restart help? <c>/readyz</c>: caches are synced, and Redis does not evict keys. Whether Redis, RabbitMQ and the API server can be reached
    /// decides neither, and is remarked upon in both: an operator without them says so wherever it can, and no other replica would do better.
    /// </summary>
    public static void MapHealth(this WebApplication app)
    {
        IOperatorHealth health = app.Services.GetRequiredService<IOperatorHealth>();
        RedisStore redis = app.Services.GetRequiredService<RedisStore>();
        BusWatch bus = app.Services.GetRequiredService<BusWatch>();
        PrometheusExporter metrics = app.Services.GetRequiredService<PrometheusExporter>();
        RedisInspection inspection = app.Services.GetRequiredService<RedisInspection>();
        app.Services.GetRequiredService<DependencyMetrics>().Watch("kubernetes", () => health.ServerFault);
        app.MapGet("/healthz", () => Answer(health.Live(), redis.Fault, bus.Fault, health.ServerFault));
        app.MapGet("/readyz", () => Answer(new HealthReport([.. health.Ready().Faults, .. inspection.Faults]), redis.Fault, bus.Fault, health.ServerFault));
        app.MapGet("/metrics", () => Results.Text(metrics.Collect(), PrometheusExporter.ContentType));
    }

    private static IResult Answer(HealthReport report, params IEnumerable<string?> remarks)
    {
        IEnumerable<string> lines = report.IsHealthy ? ["ok"] : report.Faults;
        return Results.Text(
            string.Concat(lines.Concat(remarks.OfType<string>()).Select(line => $"{line}\n")),
            statusCode: report.IsHealthy ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable);
    }
}
