using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using PushPlatform.Delivery.Telemetry;
using PushPlatform.PushNode.Handshake;
using PushPlatform.PushNode.Telemetry;

namespace PushPlatform.PushNode.Lifecycle;

/// <summary>What <c>/readyz</c> answers.</summary>
internal sealed record ReadinessReport(bool Ready, IReadOnlyList<HealthFault> Faults);

/// <summary>What <c>/healthz</c> answers. The faults of others, which no restart would mend, are only named.</summary>
internal sealed record HealthReport(bool Healthy, IReadOnlyList<string> SilentLoops, IReadOnlyList<HealthFault> Faults);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(ReadinessReport))]
[JsonSerializable(typeof(HealthReport))]
internal sealed partial class HealthJson : JsonSerializerContext;

/// <summary>The health port: <c>/healthz</c> (replace me?), <c>/readyz</c> (send me vehicles?) and <c>/metrics</c>.</summary>
internal static class HealthEndpoints
{
    public static void MapHealth(this IEndpointRouteBuilder routes)
    {
        // Counting begins with the exporter, not with the first scrape.
        PrometheusExporter exporter = routes.ServiceProvider.GetRequiredService<PrometheusExporter>();
        routes.MapGet("/healthz", static (LoopPulses pulses, IEnumerable<IHealthSource> sources) =>
        {
            string[] silent = [.. pulses.Silent];
            return Results.Json(new HealthReport(silent.Length == 0, silent, [.. sources.SelectMany(source => source.Faults)]), HealthJson.Default.HealthReport, statusCode: Status(silent.Length == 0));
        });
        routes.MapGet("/readyz", static (IEnumerable<IHealthSource> sources, Admission admission) =>
        {
            ReadinessReport report = Judge(sources, admission);
            return Results.Json(report, HealthJson.Default.ReadinessReport, statusCode: Status(report.Ready));
        });
        routes.MapGet("/metrics", () => Results.Text(exporter.Collect(), PrometheusExporter.ContentType));
    }

    internal static ReadinessReport Judge(IEnumerable<IHealthSource> sources, Admission admission)
    {
        List<HealthFault> faults = [.. sources.SelectMany(source => source.Faults)];
        if (admission.IsLeaving)
        {
            faults.Insert(0, new HealthFault("drain", "The node is leaving", Blocks: true));
        }

        return new ReadinessReport(!faults.Exists(fault => fault.Blocks), faults);
    }

    private static int Status(bool good) => good ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable;
}
