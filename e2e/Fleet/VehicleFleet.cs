using System.Net;
using PushPlatform.VehicleClient;

namespace PushPlatform.Fleet;

/// <summary>Where a fleet connects to, and how fast.</summary>
public sealed class FleetOptions
{
    /// <summary>Where push nodes listen, e.g. <c>ws://127.0.0.1:7070/ws</c>.</summary>
    public required IReadOnlyList<Uri> Endpoints { get; init; }

    /// <summary>How many cars are switched on per second at most.</summary>
    public int ConnectsPerSecond { get; init; } = 500;

    /// <summary>The token of a car, by vid.</summary>
    public Func<string, string?>? Token { get; init; }

    /// <summary>Upper end of a car's first random wait before it comes back.</summary>
    public TimeSpan FirstBackoff { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Told of each copy of a notice as it arrives, known or not: vid and delivery. Called on the car's reading loop; must be quick and safe for concurrent calls.</summary>
    public Action<string, string>? OnCopy { get; init; }

    /// <summary>Local addresses that the cars take turns with: one address has too few ports for very many cars.</summary>
    public IReadOnlyList<IPAddress> SourceAddresses { get; init; } = [];

    public TimeProvider Time { get; init; } = TimeProvider.System;
}

/// <summary>Very many simulated cars in one process. Groups are switched on, off and broken as a test or a demonstration wants.</summary>
public sealed class VehicleFleet(FleetOptions options) : IAsyncDisposable
{
    private const double MetersPerDegree = 111_320;

    /// <summary>Switching on goes in slices of this length.</summary>
    private static readonly TimeSpan Slice = TimeSpan.FromMilliseconds(20);

    private readonly List<FleetGroup> _groups = [];

    public IReadOnlyList<FleetGroup> Groups => _groups;

    public IEnumerable<SimulatedVehicle> Vehicles => _groups.SelectMany(group => group.Vehicles);

    public int ConnectedCount => Vehicles.Count(vehicle => vehicle.IsConnected);

    /// <summary>Adds cars that are switched off.</summary>
    /// <exception cref="ArgumentException">There is a group of that name.</exception>
    public FleetGroup Add(VehicleGroup group)
    {
        if (_groups.Exists(existing => existing.Name == group.Name))
        {
            throw new ArgumentException($"There is a group '{group.Name}' already.", nameof(group));
        }

        // Seeded by the group alone: every run has its cars at the same places.
        Random places = new(group.Name.Aggregate(17, (seed, letter) => unchecked((seed * 31) + letter)));
        List<SimulatedVehicle> vehicles = [];
        for (int number = 1; number <= group.Count; number++)
        {
            IPAddress? source = options.SourceAddresses.Count > 0 ? options.SourceAddresses[number % options.SourceAddresses.Count] : null;
            vehicles.Add(new SimulatedVehicle(group.Vids?[number - 1] ?? $"{group.Name}-{number:D5}", options, group, Place(group, places), source));
        }

        FleetGroup added = new(group, vehicles, this);
        _groups.Add(added);
        return added;
    }

    /// <summary>Switches cars on at the fleet's rate, and returns when all of them have been welcomed.</summary>
    public async Task ConnectAsync(IReadOnlyList<SimulatedVehicle> vehicles, CancellationToken cancellationToken)
    {
        long begin = options.Time.GetTimestamp();
        using PeriodicTimer timer = new(Slice, options.Time);
        int started = 0;
        while (started < vehicles.Count)
        {
            double allowed = (options.Time.GetElapsedTime(begin) + Slice).TotalSeconds * options.ConnectsPerSecond;
            for (; started < vehicles.Count && started < allowed; started++)
            {
                vehicles[started].Start();
            }

            await timer.WaitForNextTickAsync(cancellationToken);
        }

        await Task.WhenAll(vehicles.Select(vehicle => vehicle.WhenConnectedAsync(cancellationToken)));
    }

    /// <summary>What the cars have seen until now.</summary>
    public FleetReport Report() => FleetReport.Of(Vehicles);

    public async ValueTask DisposeAsync() => await Task.WhenAll(Vehicles.Select(vehicle => vehicle.DisposeAsync().AsTask()));

    private static VehiclePosition? Place(VehicleGroup group, Random places)
    {
        if (group.Center is not { } center)
        {
            return null;
        }

        // The square root makes the density even over the disc.
        double distance = group.RadiusMeters * Math.Sqrt(places.NextDouble());
        double angle = places.NextDouble() * 2 * Math.PI;
        double latitude = center.Latitude + (distance * Math.Cos(angle) / MetersPerDegree);
        double longitude = center.Longitude + (distance * Math.Sin(angle) / (MetersPerDegree * Math.Cos(center.Latitude * Math.PI / 180)));
        return new VehiclePosition(latitude, longitude);
    }
}

/// <summary>A group of a fleet's cars.</summary>
public sealed class FleetGroup
{
    private readonly VehicleFleet _fleet;

    internal FleetGroup(VehicleGroup group, IReadOnlyList<SimulatedVehicle> vehicles, VehicleFleet fleet)
    {
        Group = group;
        Vehicles = vehicles;
        _fleet = fleet;
    }

    public VehicleGroup Group { get; }

    public string Name => Group.Name;

    public IReadOnlyList<SimulatedVehicle> Vehicles { get; }

    public int ConnectedCount => Vehicles.Count(vehicle => vehicle.IsConnected);

    /// <summary>Switches the cars on at the fleet's rate, and returns when all of them have been welcomed.</summary>
    public Task ConnectAsync(CancellationToken cancellationToken) => _fleet.ConnectAsync(Vehicles, cancellationToken);

    /// <summary>Switches the cars off; they leave with a close frame.</summary>
    public Task DisconnectAsync() => Task.WhenAll(Vehicles.Select(vehicle => vehicle.StopAsync()));

    /// <summary>Breaks the links of the first <paramref name="count"/> cars without a close frame; they come back by themselves.</summary>
    public void Break(LinkBreak how, int count = int.MaxValue)
    {
        foreach (SimulatedVehicle vehicle in Vehicles.Take(count))
        {
            vehicle.Break(how);
        }
    }
}
