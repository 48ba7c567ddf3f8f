namespace PushPlatform.KubectlPush.Resources;

/// <summary>A pool, as far as its operator's address goes.</summary>
internal sealed record PoolView
{
    public PoolStatusView Status { get; set; } = new();
}

internal sealed record PoolStatusView
{
    public string? InquiryAddress { get; init; }
}

/// <summary>A line of a list of deliveries: a car's fate, or the last line, which counts the others.</summary>
internal sealed record DeliveryView
{
    public string? Vid { get; init; }

    public string? Device { get; init; }

    public string? State { get; init; }

    public int Attempts { get; init; }

    public bool Away { get; init; }

    public bool Installed { get; init; }

    public bool FailedLater { get; init; }

    /// <summary>It has forgotten what was cancelled; false: it has not answered; null: nobody asked that of it.</summary>
    public bool? Cancelled { get; init; }

    public string? Outcome { get; init; }

    public string? Code { get; init; }

    public DateTimeOffset? At { get; init; }

    /// <summary>Of the last line alone.</summary>
    public long? Records { get; init; }
}

internal sealed record FailuresView
{
    public List<FailureView> Failures { get; set; } = [];
}

internal sealed record FailureView
{
    public string Outcome { get; set; } = "";

    public string Code { get; set; } = "";

    public long Vehicles { get; init; }

    public DateTimeOffset Last { get; init; }
}

internal sealed record VehicleView
{
    public string Vid { get; set; } = "";

    public string Pool { get; set; } = "";

    public List<ConnectionView> Connections { get; set; } = [];

    public List<VehicleDeliveryView> Deliveries { get; set; } = [];
}

internal sealed record ConnectionView
{
    public string? Device { get; init; }

    public string? Pod { get; init; }

    public DateTimeOffset FirstSeenAt { get; init; }

    public DateTimeOffset LastSeenAt { get; init; }

    public Dictionary<string, string> Labels { get; set; } = [];
}

internal sealed record VehicleDeliveryView
{
    public string Campaign { get; set; } = "";

    public int Revision { get; init; }

    public string? Phase { get; init; }

    public string? PatchId { get; init; }

    public string? PatchVersion { get; init; }

    public DeliveryView Delivery { get; set; } = new();
}
