using System.Text.Json.Serialization;

namespace PushPlatform.Scenarios.Demo;

/// <summary>What came of a story: figures for people and programs, and what is not as it must be.</summary>
internal abstract record StoryReport
{
    /// <summary>What is not as it must be, in words; empty when all is well.</summary>
    public required IReadOnlyList<string> Faults { get; init; }

    [JsonIgnore]
    public bool Good => Faults.Count == 0;

    /// <summary>One JSON object.</summary>
    public abstract string ToJson();

    /// <summary>The figures, a line each, without the verdict.</summary>
    public abstract IEnumerable<string> Figures();

    /// <summary>The figures and the verdict.</summary>
    public IEnumerable<string> Summary() =>
        ["", .. Figures(), "", Good ? "  Every target saw the notice exactly once." : "  NOT as it must be:", .. Faults.Select(fault => $"  - {fault}")];
}
