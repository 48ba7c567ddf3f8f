using System.Diagnostics.Metrics;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace PushPlatform.Delivery.Telemetry;

/// <summary>Who exports; <c>OTEL_SERVICE_NAME</c> and <c>OTEL_RESOURCE_ATTRIBUTES</c> add to it and win.</summary>
/// <param name="Service">service.name.</param>
/// <param name="Instance">service.instance.id: the pod's name.</param>
/// <param name="Attributes">More of them.</param>
public sealed record TelemetryIdentity(string Service, string Instance, IReadOnlyDictionary<string, object> Attributes);

/// <summary>
/// Sends traces and metrics of this process to a collector, if one is named. A collector that is slow or away disturbs nothing: spans wait in the SDK's bounded queue
/// (2048; full: the new ones are dropped), exporting has threads of its own, and the end of the process waits <see cref="Patience"/> at most.
/// </summary>
internal sealed class TelemetryExport(TelemetrySettings settings, TelemetryIdentity identity, IConfiguration variables, IMeterFactory meters) : IHostedLifecycleService, IDisposable
{
    /// <summary>For the last batch of each signal when the process ends.</summary>
    internal static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    /// <summary>All rooms are released together.</summary>
    private static readonly string? Version = typeof(TelemetryExport).Assembly.GetName().Version?.ToString(3);

    private TracerProvider? _traces;
    private MeterProvider? _metrics;

    /// <summary>Before anything else starts, so that the first spans are not missed.</summary>
    public Task StartingAsync(CancellationToken cancellationToken)
    {
        _traces = settings.Traces
            ? Sdk.CreateTracerProviderBuilder()
                .ConfigureServices(services => services.AddSingleton(variables))
                .ConfigureResource(Describe)
                .AddSource(PushMeters.Ours)
                .AddOtlpExporter()
                .Build()
            : null;
        _metrics = settings.Metrics
            ? Sdk.CreateMeterProviderBuilder()
                .ConfigureServices(services => services.AddSingleton(variables))
                .ConfigureResource(Describe)
                .AddPushMeters(meters)
                .AddOtlpExporter()
                .Build()
            : null;
        return Task.CompletedTask;
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>After everything else has stopped, so that the last spans are sent too. The SDK's calls block, hence the threads.</summary>
    public Task StoppedAsync(CancellationToken cancellationToken)
    {
        int patience = (int)Patience.TotalMilliseconds;
        return Task.WhenAll(
            Task.Run(() => _traces?.Shutdown(patience), CancellationToken.None),
            Task.Run(() => _metrics?.Shutdown(patience), CancellationToken.None));
    }

    public void Dispose()
    {
        _traces?.Dispose();
        _metrics?.Dispose();
    }

    private void Describe(ResourceBuilder resource) => resource
        .AddService(identity.Service, "push-platform", Version, autoGenerateServiceInstanceId: false, identity.Instance)
        .AddAttributes(identity.Attributes)
        // Once more, after ours: what is said by OTEL_* wins.
        .AddEnvironmentVariableDetector();
}

/// <summary>Telemetry for a host's container.</summary>
public static class TelemetryHosting
{
    /// <summary>Adds <c>/metrics</c>' exporter, and the one that sends to a collector if <paramref name="settings"/> name one, which is told how by the container's configuration.</summary>
    public static IServiceCollection AddPushTelemetry(this IServiceCollection services, TelemetrySettings settings, TelemetryIdentity identity) => services
        .AddMetrics()
        .AddSingleton<PrometheusExporter>()
        .AddSingleton(provider => new TelemetryExport(
            settings, identity, provider.GetRequiredService<IConfiguration>(), provider.GetRequiredService<IMeterFactory>()))
        .AddHostedService(provider => provider.GetRequiredService<TelemetryExport>());
}
