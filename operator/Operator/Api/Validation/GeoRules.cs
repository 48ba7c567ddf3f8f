namespace PushPlatform.Operator.Api.Validation;

/// <summary>What <c>spec.targets.geo</c> must hold.</summary>
internal static class GeoRules
{
    private const double HalfWayRoundTheEarthMeters = 20_037_508;

    public static void Check(FaultList faults, string path, TargetGeo geo)
    {
        faults.Require(
            geo.Include is not null || geo.Exclude is { Count: > 0 },
            path,
            "an area needs shapes: give include or exclude, or leave geo out");
        faults.Items($"{path}.include", geo.Include, 1, 16, (at, shape) => Shape(faults, at, shape));
        faults.Items($"{path}.exclude", geo.Exclude, 0, 16, (at, shape) => Shape(faults, at, shape));
        faults.Range($"{path}.maxPositionAgeSeconds", geo.MaxPositionAgeSeconds, 1, 7_776_000);
    }

    private static void Shape(FaultList faults, string path, AreaShape shape)
    {
        int given = (shape.Circle is null ? 0 : 1) + (shape.Box is null ? 0 : 1) + (shape.Polygon is null ? 0 : 1);
        faults.Require(given == 1, path, "a shape is exactly one of circle, box and polygon");
        if (shape.Circle is { } circle)
        {
            Latitude(faults, $"{path}.circle.lat", circle.Lat);
            Longitude(faults, $"{path}.circle.lon", circle.Lon);
            faults.Range($"{path}.circle.radiusMeters", circle.RadiusMeters, 1, HalfWayRoundTheEarthMeters);
        }
        if (shape.Box is { } box)
        {
            Latitude(faults, $"{path}.box.south", box.South);
            Longitude(faults, $"{path}.box.west", box.West);
            Latitude(faults, $"{path}.box.north", box.North);
            Longitude(faults, $"{path}.box.east", box.East);
            faults.Require(box.South <= box.North, $"{path}.box", "south must not be north of north");
        }
        faults.Items($"{path}.polygon", shape.Polygon, 3, 256, (at, corner) =>
        {
            Latitude(faults, $"{at}.lat", corner.Lat);
            Longitude(faults, $"{at}.lon", corner.Lon);
        });
    }

    private static void Latitude(FaultList faults, string path, double degrees) => faults.Range(path, degrees, -90, 90);

    private static void Longitude(FaultList faults, string path, double degrees) => faults.Range(path, degrees, -180, 180);
}
