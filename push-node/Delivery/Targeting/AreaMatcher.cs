using NetTopologySuite.Algorithm.Locate;
using NetTopologySuite.Geometries;
using PushPlatform.Delivery.Registry;

namespace PushPlatform.Delivery.Targeting;

/// <summary>A <see cref="GeoFilter"/> made ready to judge positions. Borders belong to their area.</summary>
internal sealed class AreaMatcher
{
    // Mean radius of the Earth (IUGG), which makes great circles right to about 0.5 %.
    private const double EarthRadiusMeters = 6_371_008.8;

    private readonly Func<double, double, bool>[] _include;
    private readonly Func<double, double, bool>[] _exclude;
    private readonly bool _unknownIsInside;
    private readonly TimeSpan _maxAge;

    /// <exception cref="ArgumentException">An area has not exactly one shape, or a polygon has less than 3 corners.</exception>
    public AreaMatcher(GeoFilter filter)
    {
        _include = [.. filter.Include.Select(Compile)];
        _exclude = [.. filter.Exclude.Select(Compile)];
        _unknownIsInside = filter.UnknownPosition == UnknownPosition.Include;
        _maxAge = TimeSpan.FromSeconds(filter.MaxPositionAgeSeconds);
    }

    public bool Contains(VehiclePosition? position, DateTimeOffset asOf)
    {
        // In ms, not as an instant: what a vehicle says may lie outside the calendar.
        if (position is null || asOf.ToUnixTimeMilliseconds() - position.At > _maxAge.TotalMilliseconds)
        {
            return _unknownIsInside;
        }

        bool In(Func<double, double, bool> shape) => shape(position.Lat, position.Lon);
        return (_include.Length == 0 || Array.Exists(_include, In)) && !Array.Exists(_exclude, In);
    }

    private static Func<double, double, bool> Compile(GeoArea area) => area switch
    {
        { Circle: { } circle, Box: null, Polygon: null } => Compile(circle),
        { Box: { } box, Circle: null, Polygon: null } => Compile(box),
        { Polygon: { } polygon, Circle: null, Box: null } => Compile(polygon),
        _ => throw new ArgumentException("An area is one of circle, box and polygon.", nameof(area)),
    };

    // Haversine: stays exact for small distances.
    private static Func<double, double, bool> Compile(GeoCircle circle) => (lat, lon) =>
    {
        double north = double.DegreesToRadians(lat - circle.Lat) / 2;
        double east = double.DegreesToRadians(lon - circle.Lon) / 2;
        double h = (Math.Sin(north) * Math.Sin(north))
            + (Math.Cos(double.DegreesToRadians(circle.Lat)) * Math.Cos(double.DegreesToRadians(lat)) * Math.Sin(east) * Math.Sin(east));
        return 2 * EarthRadiusMeters * Math.Asin(Math.Min(1, Math.Sqrt(h))) <= circle.RadiusMeters;
    };

    private static Func<double, double, bool> Compile(GeoBox box) => (lat, lon) =>
        lat >= box.South && lat <= box.North
        && (box.West <= box.East ? lon >= box.West && lon <= box.East : lon >= box.West || lon <= box.East);

    // Sides are straight in degrees, as maps draw them, and take the shorter way round: a ring across the 180th meridian is laid out
    // beyond it, and a position is looked for on either side. A ring around a pole cannot be laid out so; a box can say that.
    private static Func<double, double, bool> Compile(IReadOnlyList<GeoPoint> corners)
    {
        if (corners.Count < 3)
        {
            throw new ArgumentException("A polygon has at least 3 corners.", nameof(corners));
        }

        List<Coordinate> ring = [];
        double lon = corners[0].Lon;
        foreach (GeoPoint corner in corners)
        {
            lon += Math.IEEERemainder(corner.Lon - lon, 360);
            ring.Add(new Coordinate(lon, corner.Lat));
        }

        ring.Add(ring[0].Copy());
        IndexedPointInAreaLocator locator = new(GeometryFactory.Default.CreatePolygon([.. ring]));
        bool In(double x, double y) => locator.Locate(new Coordinate(x, y)) != Location.Exterior;

        // The first look builds the index; later ones only read it, from any thread.
        In(0, 0);
        return (lat, lon) => In(lon, lat) || In(lon + 360, lat) || In(lon - 360, lat);
    }
}
