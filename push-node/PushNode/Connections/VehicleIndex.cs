using System.Collections.Concurrent;
using System.Collections.Immutable;
using PushPlatform.Delivery;
using PushPlatform.Delivery.Registry;

namespace PushPlatform.PushNode.Connections;

/// <summary>This node's connections by unit, and where devices are kept apart by vid too. Nobody scans Redis to find a vehicle's socket.</summary>
internal sealed class VehicleIndex
{
    private readonly ConcurrentDictionary<string, IVehicleLink> _links = new();

    private readonly LinkRoll _roll = new();

    // By vid, oldest first. Empty where the unit is the vid.
    private readonly ConcurrentDictionary<string, ImmutableArray<IVehicleLink>> _devices = new();

    public int Count => _links.Count;

    /// <summary>All links; those that come or go meanwhile may be missed or seen.</summary>
    public IEnumerable<IVehicleLink> Links => _roll;

    public IVehicleLink? Find(string unit) => _links.GetValueOrDefault(unit);

    /// <summary>What a service means by a name: the unit of that name, or all devices of that vid.</summary>
    public IEnumerable<IVehicleLink> FindAll(string name) =>
        _devices.TryGetValue(name, out ImmutableArray<IVehicleLink> devices) ? devices
        : Find(name) is { } link ? [link]
        : [];

    /// <summary>
    /// Newest wins. Returns what the caller closes as replaced: the older link of the unit, and the oldest devices of a vehicle that now has more than
    /// <see cref="IVehicleRegistry.MostDevices"/> here: its token is good for each device that its bearer thinks of, and must not be good for a whole node.
    /// </summary>
    public IEnumerable<IVehicleLink> Add(IVehicleLink link)
    {
        IVehicleLink? older = null;
        _links.AddOrUpdate(
            link.Unit,
            static (_, added) => added,
            (_, present, added) =>
            {
                older = present;
                return added;
            },
            link);
        if (older is not null)
        {
            _roll.Replace(older, link);
        }
        else
        {
            _roll.Add(link);
        }

        ReadOnlySpan<IVehicleLink> tooMany = UnitId.NamesDevice(link.Unit) ? AddDevice(link) : [];
        return older is null ? [.. tooMany] : [older, .. tooMany];
    }

    /// <summary>Takes the link out unless a newer one of its unit has taken its place.</summary>
    public void Remove(IVehicleLink link)
    {
        _links.TryRemove(new KeyValuePair<string, IVehicleLink>(link.Unit, link));
        _roll.Remove(link);
        if (UnitId.NamesDevice(link.Unit))
        {
            RemoveDevice(link);
        }
    }

    private ReadOnlySpan<IVehicleLink> AddDevice(IVehicleLink link)
    {
        ImmutableArray<IVehicleLink> devices = _devices.AddOrUpdate(
            link.Vid,
            static (_, added) => [added],
            static (_, present, added) => present.RemoveAll(one => one.Unit == added.Unit).Add(added),
            link);
        return devices.AsSpan(0, Math.Max(0, devices.Length - IVehicleRegistry.MostDevices));
    }

    private void RemoveDevice(IVehicleLink link)
    {
        bool done = false;
        while (!done && _devices.TryGetValue(link.Vid, out ImmutableArray<IVehicleLink> present))
        {
            ImmutableArray<IVehicleLink> left = present.Remove(link);
            done = left.IsEmpty
                ? _devices.TryRemove(new KeyValuePair<string, ImmutableArray<IVehicleLink>>(link.Vid, present))
                : _devices.TryUpdate(link.Vid, left, present);
        }
    }
}
