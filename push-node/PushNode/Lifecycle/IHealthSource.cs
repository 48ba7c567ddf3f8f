namespace PushPlatform.PushNode.Lifecycle;

/// <summary>A part of the node that can say what is wrong with it.</summary>
internal interface IHealthSource
{
    /// <summary>What is wrong now; empty while well. Cheap, and never throws.</summary>
    IEnumerable<HealthFault> Faults { get; }
}

/// <param name="Part">What is broken, in a word.</param>
/// <param name="Text">How, for a person.</param>
/// <param name="Blocks">The node is of no use to newcomers while this stands: not ready.</param>
internal sealed record HealthFault(string Part, string Text, bool Blocks);
