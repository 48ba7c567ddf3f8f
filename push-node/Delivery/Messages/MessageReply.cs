namespace PushPlatform.Delivery.Messages;

/// <summary>One node's answer, or a part of it, to a service that asked what became of its message.</summary>
public sealed record MessageReply
{
    /// <summary>Vehicles in one part: a reply stays below 100 KiB.</summary>
    public const int MaxOutcomes = 500;

    /// <summary>The message's; absent when it could not be read.</summary>
    public string? Id { get; init; }

    /// <summary>The node that answers.</summary>
    public required string Node { get; init; }

    /// <summary>From 1 on.</summary>
    public required int Part { get; init; }

    /// <summary>How many parts this node's answer has.</summary>
    public required int Parts { get; init; }

    /// <summary>By vid (or <c>vid/device</c>), for those vehicles that this node held.</summary>
    public IReadOnlyDictionary<string, string>? Outcomes { get; init; }

    /// <summary>Instead of outcomes: what could not be read, in a word.</summary>
    public string? Refused { get; init; }
}
