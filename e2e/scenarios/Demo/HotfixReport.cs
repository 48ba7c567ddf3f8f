using System.Text.Json;
using System.Text.Json.Serialization;

namespace PushPlatform.Scenarios.Demo;

/// <summary>What came of the story: the resource's word beside that of the cars.</summary>
internal sealed record HotfixReport
{
    /// <summary>Simulated cars in all.</summary>
    public required int Vehicles { get; init; }

    /// <summary>Cars that the preview counted before anything was sent.</summary>
    public required long Matched { get; init; }

    /// <summary>Of these, online at the start.</summary>
    public required long Online { get; init; }

    public required long Targeted { get; init; }

    public required long Delivered { get; init; }

    public required long Failed { get; init; }

    /// <summary>Targets that never showed the notice, by the cars' own account.</summary>
    public required int Missed { get; init; }

    /// <summary>Cars that showed it more than once.</summary>
    public required int SeenTwice { get; init; }

    /// <summary>Cars that showed it and should not have.</summary>
    public required int SeenByNonTargets { get; init; }

    /// <summary>Targets that were away at the start and were told when they came back.</summary>
    public required long CaughtUp { get; init; }

    /// <summary>Sends beyond a car's first.</summary>
    public required long Resends { get; init; }

    public required int NodesKilled { get; init; }

    /// <summary>From lifting the hold to Completed.</summary>
    public required double Seconds { get; init; }

    public required string Phase { get; init; }

    /// <summary>What is not as it must be, in words; empty when all is well.</summary>
    public required IReadOnlyList<string> Faults { get; init; }

    [JsonIgnore]
    public bool Good => Faults.Count == 0;

    public string ToJson() => JsonSerializer.Serialize(this, HotfixReportJson.Default.HotfixReport);
}

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(HotfixReport))]
internal sealed partial class HotfixReportJson : JsonSerializerContext;
