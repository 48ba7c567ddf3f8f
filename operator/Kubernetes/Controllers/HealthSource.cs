using PushPlatform.Kubernetes.Client;

namespace PushPlatform.Kubernetes.Controllers;

/// <summary>A part of the runtime that knows whether it is well.</summary>
internal interface IHealthSource
{
    IEnumerable<string> LiveFaults();

    IEnumerable<string> ReadyFaults();
}

internal sealed class OperatorHealth(ApiContact contact) : IOperatorHealth
{
    private volatile IReadOnlyList<IHealthSource>? _sources;

    public void Watch(IReadOnlyList<IHealthSource> sources) => _sources = sources;

    public string? ServerFault => contact.Fault;

    public HealthReport Live() => new([.. (_sources ?? []).SelectMany(static source => source.LiveFaults())]);

    public HealthReport Ready() => _sources is { } sources
        ? new([.. sources.SelectMany(static source => source.ReadyFaults())])
        : new(["the operator has not started yet"]);
}
