using System.Text.Json.Serialization;

namespace PushPlatform.Operator.Api;

/// <summary>One step: up to how many targets, what has to be seen before the next one, and how long that may take.</summary>
public sealed record RolloutStep
{
    /// <summary>Cars that may be told while this step is open, those of the steps before it included.</summary>
    public int? Count { get; init; }

    /// <summary>The same in percent of the targets that there are when the step opens, rounded up.</summary>
    public int? Percent { get; init; }

    /// <summary>Seconds to look on for, from when the cars of the step were told.</summary>
    public int? PauseSeconds { get; init; }

    /// <summary>The next step waits for a person.</summary>
    public bool UntilPromoted { get; init; }

    /// <summary>Of the cars that have answered since it opened, the least percentage that must have delivered.</summary>
    public int SuccessPercent { get; set; } = 90;

    /// <summary>Cars that must have answered since it opened; where the step is smaller, all of them.</summary>
    public int MinSamples { get; set; } = 1;

    /// <summary>Seconds from the opening at which <see cref="OnMaxWait"/> is done; <see langword="null"/> means never.</summary>
    public int? MaxWaitSeconds { get; init; }

    /// <summary>What happens when the step is not over by then.</summary>
    public StepTimeout OnMaxWait { get; set; } = StepTimeout.Pause;
}

/// <summary>What becomes of a step that takes too long.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<StepTimeout>))]
public enum StepTimeout
{
    /// <summary>From then on only a person takes it on.</summary>
    Pause,

    /// <summary>The next step opens.</summary>
    Promote,

    /// <summary>The campaign is stopped for good.</summary>
    Abort,
}
