namespace PushPlatform.Operator.Api;

/// <summary>Tries cars again that have failed, in the same revision.</summary>
public sealed record RetryRequest
{
    /// <summary>Each higher one is one more try.</summary>
    public required int Round { get; init; }

    /// <summary>Only cars that failed or rejected with one of these codes; <see langword="null"/> means all that have failed.</summary>
    public IReadOnlyList<string>? Codes { get; init; }
}

/// <summary>What became of <see cref="PushCampaignSpec.Retry"/>.</summary>
public sealed record RetryStatus
{
    /// <summary>The last round whose cars were put back.</summary>
    public int Round { get; init; }

    /// <summary>How many they were.</summary>
    public long Retried { get; init; }

    /// <summary>When all of them that were online had settled; <see langword="null"/> until then.</summary>
    public DateTimeOffset? SettledAt { get; init; }

    /// <summary>Why a higher round that is asked for is not carried out; <see langword="null"/> where none is, or it is.</summary>
    public string? Refused { get; init; }
}
