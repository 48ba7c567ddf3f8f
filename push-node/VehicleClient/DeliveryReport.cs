namespace PushPlatform.VehicleClient;

/// <summary>What became of a delivery. All but the first are final.</summary>
public enum DeliveryStatus
{
    /// <summary>The car has the notice and will look after it.</summary>
    Received,

    /// <summary>The patch is in effect.</summary>
    Installed,

    /// <summary>The car does not want the patch.</summary>
    Rejected,

    /// <summary>The car tried and could not.</summary>
    Failed,

    /// <summary>The fleet took the notice back, and the car has forgotten it.</summary>
    Cancelled,
}

/// <summary>A status with its reason, checked against the limits of the protocol.</summary>
public sealed record DeliveryReport
{
    /// <summary>The car has the notice and will look after it.</summary>
    public static readonly DeliveryReport Received = new(DeliveryStatus.Received);

    /// <summary>The patch is in effect.</summary>
    public static readonly DeliveryReport Installed = new(DeliveryStatus.Installed);

    /// <param name="status">What became of the delivery.</param>
    /// <param name="code">Why, for programs: 1–32 letters, digits and <c>. _ -</c>.</param>
    /// <param name="detail">Why, for people: at most 200 characters.</param>
    /// <exception cref="ArgumentException">The code or the detail is outside its limits.</exception>
    public DeliveryReport(DeliveryStatus status, string? code = null, string? detail = null)
    {
        ProtocolRules.RequireCode(code);
        ProtocolRules.RequireDetail(detail);
        Status = status;
        Code = code;
        Detail = detail;
    }

    public DeliveryStatus Status { get; }

    public string? Code { get; }

    public string? Detail { get; }
}
