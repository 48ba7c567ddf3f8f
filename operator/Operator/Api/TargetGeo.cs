using System.Text.Json.Serialization;

namespace PushPlatform.Operator.Api;

/// <summary>An area: in any shape of <see cref="Include"/> (absent = everywhere) and in none of <see cref="Exclude"/>. WGS 84, degrees.</summary>
public sealed record TargetGeo
{
    /// <summary>Shapes in which a car must be; <see langword="null"/> = everywhere, never empty.</summary>
    public IReadOnlyList<AreaShape>? Include { get; init; }

    /// <summary>Shapes in which a car must not be.</summary>
    public IReadOnlyList<AreaShape>? Exclude { get; init; }

    /// <summary>Whether a car without a (recent) position counts as inside.</summary>
    public UnknownPositionRule UnknownPosition { get; set; } = UnknownPositionRule.Exclude;

    /// <summary>A position older than this many seconds, counted back from when the car was last seen, is unknown.</summary>
    public int MaxPositionAgeSeconds { get; set; } = 900;
}

/// <summary>Whether a car without a recent position counts as inside.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<UnknownPositionRule>))]
public enum UnknownPositionRule
{
    Exclude,
    Include,
}

/// <summary>Exactly one of its members is given.</summary>
public sealed record AreaShape
{
    /// <summary>All within a distance of a point.</summary>
    public AreaCircle? Circle { get; init; }

    /// <summary>Between two parallels and two meridians.</summary>
    public AreaBox? Box { get; init; }

    /// <summary>The corners of a ring, at least three; closed by itself.</summary>
    public IReadOnlyList<AreaPoint>? Polygon { get; init; }
}

/// <summary>All within <see cref="RadiusMeters"/> of a point, on the sphere.</summary>
public sealed record AreaCircle
{
    /// <summary>Latitude of the centre, −90…90.</summary>
    public required double Lat { get; init; }

    /// <summary>Longitude of the centre, −180…180.</summary>
    public required double Lon { get; init; }

    /// <summary>Radius in metres, at most half way round the Earth.</summary>
    public required double RadiusMeters { get; init; }
}

/// <summary>Between two parallels and two meridians; <see cref="West"/> greater than <see cref="East"/> crosses the 180th meridian.</summary>
public sealed record AreaBox
{
    /// <summary>Southern edge, −90…90, not north of <see cref="North"/>.</summary>
    public required double South { get; init; }

    /// <summary>Western edge, −180…180.</summary>
    public required double West { get; init; }

    /// <summary>Northern edge, −90…90.</summary>
    public required double North { get; init; }

    /// <summary>Eastern edge, −180…180.</summary>
    public required double East { get; init; }
}

/// <summary>A corner.</summary>
public sealed record AreaPoint
{
    /// <summary>Latitude, −90…90.</summary>
    public required double Lat { get; init; }

    /// <summary>Longitude, −180…180.</summary>
    public required double Lon { get; init; }
}
