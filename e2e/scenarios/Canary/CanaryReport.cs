using System.Text.Json;
using System.Text.Json.Serialization;
using PushPlatform.Scenarios.Demo;

namespace PushPlatform.Scenarios.Canary;

/// <summary>What came of a bad patch and of the better one after it.</summary>
internal sealed record CanaryReport : StoryReport
{
    public required int Vehicles { get; init; }

    /// <summary>Why the bad version stopped, as the campaign says it.</summary>
    public required string StoppedBy { get; init; }

    /// <summary>Number of the step in which it did.</summary>
    public required int StoppedInStep { get; init; }

    /// <summary>Cars that saw the bad version, by their own account.</summary>
    public required int SawBadVersion { get; init; }

    /// <summary>The steps of the better version, those that were opened.</summary>
    public required IReadOnlyList<CanaryStep> Steps { get; init; }

    /// <summary>Cars that saw the better version before its second step opened, by their own account.</summary>
    public required int SawBeforeStep2 { get; init; }

    public required int SawBeforeStep3 { get; init; }

    public required long Targeted { get; init; }

    public required long Delivered { get; init; }

    /// <summary>Targets that never showed the better version.</summary>
    public required int Missed { get; init; }

    /// <summary>Cars that showed one of the two more than once.</summary>
    public required int SeenTwice { get; init; }

    /// <summary>From lifting the hold to Completed.</summary>
    public required double Seconds { get; init; }

    public required string Phase { get; init; }

    public override string ToJson() => JsonSerializer.Serialize(this, CanaryReportJson.Default.CanaryReport);

    public override IEnumerable<string> Figures() =>
    [
        $"  {Phase} in {Seconds:0.0} s",
        $"  cars                        {Vehicles,6}",
        "",
        $"  The bad version stopped in step {StoppedInStep}: {StoppedBy}",
        $"  cars that saw it            {SawBadVersion,6}",
        "",
        "  The better one:",
        .. Steps.Select((step, i) => $"  step {i + 1}: {step.Size,6} more; {step.Attempted} told, {step.Delivered} delivered, {step.Failed} failed"),
        $"  targeted                    {Targeted,6}",
        $"  delivered                   {Delivered,6}",
        "",
        "  By the cars' own account:",
        $"  saw it before step 2        {SawBeforeStep2,6}",
        $"  saw it before step 3        {SawBeforeStep3,6}",
        $"  targets that missed it      {Missed,6}",
        $"  cars that saw one twice     {SeenTwice,6}",
    ];
}

/// <param name="Size">Cars that it allowed to be told beyond the steps before it; 0 for all others at the end.</param>
internal sealed record CanaryStep(long Size, long Attempted, long Delivered, long Failed);

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(CanaryReport))]
internal sealed partial class CanaryReportJson : JsonSerializerContext;
