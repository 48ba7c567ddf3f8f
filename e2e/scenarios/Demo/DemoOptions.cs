namespace PushPlatform.Scenarios.Demo;

/// <summary>What the person asked <c>e2e/demo</c> for.</summary>
/// <param name="Vehicles">Cars that are connected once before the campaign starts, 50 to 5,000; newcomers come on top.</param>
/// <param name="Json">One JSON object on standard output; progress goes to standard error.</param>
/// <param name="Keep">Stay up afterwards, until a signal.</param>
internal sealed record DemoOptions(int Vehicles, bool Json, bool Keep)
{
    public const int MinVehicles = 50;

    // One process holds the fleet and the Service's forwarder: three descriptors a car, below the usual limit of 20,000 with room to spare.
    public const int MaxVehicles = 5_000;
}
