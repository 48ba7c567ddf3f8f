using System.Text.Json.Serialization;

namespace PushPlatform.Operator.Api;

/// <summary>
/// Who is told. Every part narrows: listed <em>and</em> selected <em>and</em> in the area, minus excluded; without lists all known cars are candidates.
/// At least one of all, vids, vidsFrom, selector and geo must be given.
/// </summary>
public sealed record Targets
{
    /// <summary>Says in so many words that nothing but the other parts narrows the fleet.</summary>
    public bool All { get; init; }

    /// <summary>What becomes of matching cars that first appear after the start.</summary>
    public NewVehicles NewVehicles { get; set; } = NewVehicles.WhilePushing;

    /// <summary>A car is known when it was seen within this many seconds before the start; 0 = only those online then.</summary>
    public int SeenWithinSeconds { get; set; } = 2_592_000;

    /// <summary>Candidates by vid (each device of it) or by <c>vid/device</c>, seen before or not; <see langword="null"/> = no such list, never empty.</summary>
    public IReadOnlyList<string>? Vids { get; init; }

    /// <summary>More of such candidates, kept elsewhere; <see langword="null"/> = no such list, never empty.</summary>
    public IReadOnlyList<VidSource>? VidsFrom { get; init; }

    /// <summary>Never told, whatever else matches; a vid stands for each device of it.</summary>
    public IReadOnlyList<string>? ExcludeVids { get; init; }

    /// <summary>Over the labels that cars report.</summary>
    public TargetSelector? Selector { get; init; }

    /// <summary>Over the position that cars report.</summary>
    public TargetGeo? Geo { get; init; }

    /// <summary>The first so many cars that can be sent to get it; <see langword="null"/> = no cap.</summary>
    public int? MaxRecipients { get; init; }

    /// <summary>With more cars than this that match nothing is sent; <see langword="null"/> = however many.</summary>
    public int? MaxTargets { get; init; }
}

/// <summary>What becomes of matching cars that first appear after the start.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<NewVehicles>))]
public enum NewVehicles
{
    /// <summary>They are not told.</summary>
    Ignore,

    /// <summary>They are taken along until every target that is online has settled.</summary>
    WhilePushing,

    /// <summary>They are taken along until the campaign expires, which is then its only end.</summary>
    UntilExpiry,
}

/// <summary>One list of vids that is kept outside the campaign; exactly one of its members is given.</summary>
public sealed record VidSource
{
    /// <summary>A key of a ConfigMap in the same namespace.</summary>
    public ConfigMapKeyReference? ConfigMapKeyRef { get; init; }

    /// <summary>Every key of a ConfigMap in the same namespace.</summary>
    public ConfigMapReference? ConfigMapRef { get; init; }

    /// <summary>A file on a web server.</summary>
    public HttpList? Http { get; init; }

    [JsonIgnore]
    internal string? ConfigMapName => ConfigMapKeyRef?.Name ?? ConfigMapRef?.Name;
}

/// <summary>A ConfigMap in the namespace of the campaign, with all its keys: a list in each.</summary>
public sealed record ConfigMapReference
{
    /// <summary>Name of the ConfigMap.</summary>
    public required string Name { get; init; }
}

/// <summary>A list on a web server: one vid or <c>vid/device</c> a line, in UTF-8.</summary>
public sealed record HttpList
{
    /// <summary>Where: http or https, below an address that the installation allows.</summary>
    public required string Url { get; init; }

    /// <summary>Of the file's bytes: 64 hex digits in lower case.</summary>
    public required string Sha256 { get; init; }
}

/// <summary>A key of a ConfigMap in the namespace of the campaign.</summary>
public sealed record ConfigMapKeyReference
{
    /// <summary>Name of the ConfigMap.</summary>
    public required string Name { get; init; }

    /// <summary>Key in its data: one vid or <c>vid/device</c> a line; empty lines and lines that begin with <c>#</c> are skipped.</summary>
    public required string Key { get; init; }
}

/// <summary>Kubernetes' label selector, over the labels that cars report; every line must hold.</summary>
public sealed record TargetSelector
{
    /// <summary>Labels that a car must have with exactly this value.</summary>
    public IReadOnlyDictionary<string, string>? MatchLabels { get; init; }

    /// <summary>Conditions on single labels.</summary>
    public IReadOnlyList<TargetRequirement>? MatchExpressions { get; init; }
}

/// <summary>One condition on one label.</summary>
public sealed record TargetRequirement
{
    /// <summary>Name of the label.</summary>
    public required string Key { get; init; }

    /// <summary>How the label is compared.</summary>
    public required RequirementOperator Operator { get; init; }

    /// <summary>Values of In and NotIn; absent otherwise.</summary>
    public IReadOnlyList<string>? Values { get; init; }
}

/// <summary>How a label is compared. NotIn and DoesNotExist hold for a car that does not report the label.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<RequirementOperator>))]
public enum RequirementOperator
{
    In,
    NotIn,
    Exists,
    DoesNotExist,
}
