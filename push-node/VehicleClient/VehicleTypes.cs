using System.Net;
using System.Text.Json;

namespace PushPlatform.VehicleClient;

/// <summary>A position in degrees (WGS 84).</summary>
public sealed record VehiclePosition
{
    /// <param name="latitude">−90…90, north is positive.</param>
    /// <param name="longitude">−180…180, east is positive.</param>
    /// <param name="at">When it was measured; null: now.</param>
    /// <exception cref="ArgumentOutOfRangeException">Not on the globe.</exception>
    public VehiclePosition(double latitude, double longitude, DateTimeOffset? at = null)
    {
        if (!(Math.Abs(latitude) <= 90))
        {
            throw new ArgumentOutOfRangeException(nameof(latitude), latitude, "A latitude lies between -90 and 90 degrees.");
        }

        if (!(Math.Abs(longitude) <= 180))
        {
            throw new ArgumentOutOfRangeException(nameof(longitude), longitude, "A longitude lies between -180 and 180 degrees.");
        }

        Latitude = latitude;
        Longitude = longitude;
        At = at;
    }

    public double Latitude { get; }

    public double Longitude { get; }

    public DateTimeOffset? At { get; }
}

/// <summary>A notice: there is a patch to fetch.</summary>
/// <param name="Delivery">The id that is the same for every copy.</param>
/// <param name="Campaign">The campaign that it belongs to.</param>
/// <param name="Patch">The patch as the operator of the fleet wrote it: a JSON object with <c>id</c>, <c>version</c>, <c>url</c> and more.</param>
public sealed record Push(string Delivery, string Campaign, JsonElement Patch)
{
    /// <summary>The push's trace as a W3C <c>traceparent</c>, if the node told one: what the car does about the notice can be told as part of it.</summary>
    public string? TraceParent { get; init; }

    /// <summary>The round of retries; 0: none. The application sees a delivery again only where its own latest word was rejected or failed.</summary>
    public int Retry { get; init; }
}

/// <summary>A connection that a node has welcomed.</summary>
/// <param name="Session">The node's name for it, for logs.</param>
/// <param name="Pending">How many pushes will now come on it.</param>
public sealed record VehicleSession(string Session, int Pending);

/// <summary>How a connection or an attempt ended.</summary>
/// <param name="CloseCode">The code of the node's close frame, if there was one.</param>
/// <param name="Reason">The reason in the node's <c>bye</c>, if there was one.</param>
/// <param name="HttpStatus">The status of a handshake that was refused.</param>
/// <param name="Error">What broke, if something did.</param>
/// <param name="WasWelcomed">Whether the node had said <c>welcome</c>.</param>
/// <param name="ReconnectIn">The time until the next attempt; null when there is none because the car was told to stop.</param>
public sealed record VehicleDisconnect(int? CloseCode, string? Reason, HttpStatusCode? HttpStatus, Exception? Error, bool WasWelcomed, TimeSpan? ReconnectIn);

/// <summary>Something that went wrong without ending the connection.</summary>
/// <param name="What">In words.</param>
/// <param name="Delivery">The delivery that it is about, if any.</param>
/// <param name="Error">The exception, if any.</param>
public sealed record VehicleFault(string What, string? Delivery = null, Exception? Error = null);
