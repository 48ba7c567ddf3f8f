using System.Text.Json.Serialization;

namespace PushPlatform.Benchmarks.Report;

/// <summary>What a run found out.</summary>
internal sealed class BenchReport(MachineFacts machine)
{
    public MachineFacts Machine { get; } = machine;

    public List<Table> Tables { get; } = [];

    public List<Goal> Goals { get; } = [];

    /// <summary>Scenarios that could not be run, and why.</summary>
    public List<string> Failures { get; } = [];
}

/// <param name="Load">Load average of one minute when the run began: figures of a busy machine mean nothing.</param>
internal sealed record MachineFacts(int Cores, string Kernel, double Load, int Connections, bool Quick);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true)]
[JsonSerializable(typeof(BenchReport))]
internal sealed partial class BenchReportJson : JsonSerializerContext;
