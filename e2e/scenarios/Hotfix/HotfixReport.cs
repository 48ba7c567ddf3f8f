using System.Text.Json;
using System.Text.Json.Serialization;
using PushPlatform.Scenarios.Demo;

namespace PushPlatform.Scenarios.Hotfix;

/// <summary>What came of the story: the resource's word beside that of the cars.</summary>
internal sealed record HotfixReport : StoryReport
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

    public override string ToJson() => JsonSerializer.Serialize(this, HotfixReportJson.Default.HotfixReport);

    public override IEnumerable<string> Figures() =>
    [
        $"  {Phase} in {Seconds:0.0} s",
        $"  cars                        {Vehicles,6}",
        $"  matched before the start    {Matched,6}   ({Online} online)",
        $"  targeted                    {Targeted,6}   (with the newcomers of the push)",
        $"  delivered                   {Delivered,6}",
        $"  failed                      {Failed,6}",
        $"  caught up after being away  {CaughtUp,6}",
        $"  sent again                  {Resends,6}   (links cut, {NodesKilled} node killed)",
        "",
        "  By the cars' own account:",
        $"  targets that missed it      {Missed,6}",
        $"  cars that saw it twice      {SeenTwice,6}",
        $"  seen by others              {SeenByNonTargets,6}",
    ];
}

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(HotfixReport))]
internal sealed partial class HotfixReportJson : JsonSerializerContext;
