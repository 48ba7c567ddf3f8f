using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace PushPlatform.Delivery.Telemetry;

/// <summary>Which of the servers that this process depends on are well.</summary>
public sealed class DependencyMetrics
{
    public const string MeterName = "PushPlatform.Delivery";

    private readonly ConcurrentDictionary<string, Func<string?>> _faults = new();

    public DependencyMetrics(IMeterFactory meters) => meters.Create(MeterName).CreateObservableGauge(
        "push_dependency_up", Measure, description: "1 while a server that this process depends on is well, else 0, by dependency");

    /// <param name="dependency">In a word.</param>
    /// <param name="fault">What is wrong with it, null while nothing is; cheap, and never throws.</param>
    public void Watch(string dependency, Func<string?> fault) => _faults[dependency] = fault;

    private IEnumerable<Measurement<int>> Measure() =>
        _faults.Select(pair => new Measurement<int>(pair.Value() is null ? 1 : 0, new KeyValuePair<string, object?>("dependency", pair.Key)));
}

/// <summary>For a host's container.</summary>
internal static class DependencyMetricsServices
{
    public static IServiceCollection AddDependencyMetrics(this IServiceCollection services)
    {
        services.AddMetrics().TryAddSingleton<DependencyMetrics>();
        return services;
    }
}
