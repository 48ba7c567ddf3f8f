namespace PushPlatform.Fleet;

/// <summary>What a simulated car answers to a notice.</summary>
public enum VehicleAnswer
{
    Received,
    Installed,
    Rejected,
    Failed,

    /// <summary>No ack at all, however often the notice comes.</summary>
    Nothing,
}

/// <summary>How a simulated link breaks.</summary>
public enum LinkBreak
{
    /// <summary>A TCP reset: the node hears of it at once.</summary>
    Reset,

    /// <summary>Half-open: the node hears nothing any more, and the car does not either.</summary>
    HalfOpen,
}

/// <summary>Cars that are alike.</summary>
/// <param name="Name">Its name; the vids are <c>Name-00001</c>, <c>Name-00002</c> and so on.</param>
/// <param name="Count">How many cars.</param>
public sealed record VehicleGroup(string Name, int Count)
{
    /// <summary>Vids of their own, <see cref="Count"/> or more; null: numbered.</summary>
    public IReadOnlyList<string>? Vids { get; init; }

    public IReadOnlyDictionary<string, string>? Labels { get; init; }

    /// <summary>Where the cars are, in degrees; null: they do not tell.</summary>
    public (double Latitude, double Longitude)? Center { get; init; }

    /// <summary>The cars lie scattered within this distance of <see cref="Center"/>, always at the same places.</summary>
    public double RadiusMeters { get; init; }

    public VehicleAnswer Answer { get; init; } = VehicleAnswer.Received;

    /// <summary>A version of a patch that these cars cannot install: whatever <see cref="Answer"/> says, they answer it with failed.</summary>
    public string? FailingVersion { get; init; }

    /// <summary>How long a car takes for its answer.</summary>
    public TimeSpan AnswerAfter { get; init; }

    /// <summary>How fast a car reads; null: as fast as it can.</summary>
    public int? BytesPerSecond { get; init; }
}

/// <summary>One delivery as one car saw it.</summary>
/// <param name="Delivery">Its id.</param>
/// <param name="FirstAt">When the first copy came.</param>
/// <param name="Shown">How often the application saw it: 1 when all is well, 0 while it waits for the application.</param>
/// <param name="Copies">How many copies came.</param>
public sealed record SeenDelivery(string Delivery, DateTimeOffset FirstAt, int Shown, int Copies);
