using System.Text.Json.Serialization;

namespace PushPlatform.Delivery.Targeting;

/// <summary>Who a campaign is for, apart from explicit lists. Every part narrows; an empty filter matches every known vehicle.</summary>
public sealed record TargetFilter
{
    /// <summary>"Known" means seen within this many seconds; 0 means online when it is judged.</summary>
    public long SeenWithinSeconds { get; set; } = 2_592_000;

    /// <summary>Vids, each with all its devices, and single units.</summary>
    public IReadOnlyList<string> ExcludeVids { get; set; } = [];

    public LabelSelector? Selector { get; init; }

    public GeoFilter? Geo { get; init; }
}

/// <summary>A Kubernetes label selector over the labels that vehicles report.</summary>
public sealed record LabelSelector
{
    public IReadOnlyDictionary<string, string> MatchLabels { get; set; } = new Dictionary<string, string>();

    public IReadOnlyList<LabelRequirement> MatchExpressions { get; set; } = [];
}

public sealed record LabelRequirement(string Key, LabelOperator Operator, IReadOnlyList<string> Values);

[JsonConverter(typeof(JsonStringEnumConverter<LabelOperator>))]
public enum LabelOperator
{
    In,
    NotIn,
    Exists,
    DoesNotExist,
}

/// <summary>In any of <see cref="Include"/> (everywhere when empty) and in none of <see cref="Exclude"/>.</summary>
public sealed record GeoFilter
{
    public IReadOnlyList<GeoArea> Include { get; set; } = [];

    public IReadOnlyList<GeoArea> Exclude { get; set; } = [];

    public UnknownPosition UnknownPosition { get; set; } = UnknownPosition.Exclude;

    /// <summary>Seconds after which a position counts as unknown; for an absent vehicle it counts from when it was last seen.</summary>
    public int MaxPositionAgeSeconds { get; set; } = 900;
}

/// <summary>Exactly one member is set.</summary>
public sealed record GeoArea
{
    public GeoCircle? Circle { get; init; }

    public GeoBox? Box { get; init; }

    /// <summary>Corners in order, at least 3; the ring closes itself.</summary>
    public IReadOnlyList<GeoPoint>? Polygon { get; init; }
}

/// <param name="Lat">Degrees, -90 to 90.</param>
/// <param name="Lon">Degrees, -180 to 180.</param>
/// <param name="RadiusMeters">Along the great circle.</param>
public sealed record GeoCircle(double Lat, double Lon, double RadiusMeters);

/// <summary>With <see cref="West"/> greater than <see cref="East"/> the box crosses the 180th meridian.</summary>
public sealed record GeoBox(double South, double West, double North, double East);

public sealed record GeoPoint(double Lat, double Lon);

[JsonConverter(typeof(JsonStringEnumConverter<UnknownPosition>))]
public enum UnknownPosition
{
    Exclude,
    Include,
}
