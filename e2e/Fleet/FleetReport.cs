using System.Text.Json.Serialization;

namespace PushPlatform.Fleet;

/// <summary>What the cars of a fleet saw.</summary>
/// <param name="Vehicles">How many cars there are.</param>
/// <param name="Connected">How many are connected now.</param>
/// <param name="Connects">How often a car has been welcomed.</param>
/// <param name="Disconnects">How connections and attempts ended: close code, HTTP status or "broken", with counts.</param>
/// <param name="Deliveries">Each delivery, by id.</param>
public sealed record FleetReport(
    int Vehicles, int Connected, int Connects, IReadOnlyDictionary<string, int> Disconnects, IReadOnlyDictionary<string, FleetDelivery> Deliveries)
{
    internal static FleetReport Of(IEnumerable<SimulatedVehicle> vehicles)
    {
        int count = 0;
        int connected = 0;
        int connects = 0;
        SortedDictionary<string, int> disconnects = [];
        SortedDictionary<string, FleetDelivery> deliveries = [];
        foreach (SimulatedVehicle vehicle in vehicles)
        {
            count++;
            connected += vehicle.IsConnected ? 1 : 0;
            connects += vehicle.Connects;
            foreach ((string how, int times) in vehicle.Disconnects)
            {
                disconnects[how] = disconnects.GetValueOrDefault(how) + times;
            }

            foreach (SeenDelivery seen in vehicle.Seen)
            {
                deliveries[seen.Delivery] = (deliveries.GetValueOrDefault(seen.Delivery) ?? FleetDelivery.None).With(seen);
            }
        }

        return new FleetReport(count, connected, connects, disconnects, deliveries);
    }
}

/// <summary>One delivery as the fleet saw it.</summary>
/// <param name="Vehicles">How many cars it reached.</param>
/// <param name="ShownTwice">How many cars' applications saw it more than once.</param>
/// <param name="Copies">How many copies came.</param>
/// <param name="FirstAt">When the first car got it.</param>
/// <param name="LastAt">When the last car got it for the first time.</param>
public sealed record FleetDelivery(int Vehicles, int ShownTwice, int Copies, DateTimeOffset FirstAt, DateTimeOffset LastAt)
{
    internal static readonly FleetDelivery None = new(0, 0, 0, DateTimeOffset.MaxValue, DateTimeOffset.MinValue);

    internal FleetDelivery With(SeenDelivery seen) => new(
        Vehicles + 1,
        ShownTwice + (seen.Shown > 1 ? 1 : 0),
        Copies + seen.Copies,
        seen.FirstAt < FirstAt ? seen.FirstAt : FirstAt,
        seen.FirstAt > LastAt ? seen.FirstAt : LastAt);
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true)]
[JsonSerializable(typeof(FleetReport))]
internal sealed partial class FleetReportJson : JsonSerializerContext;
