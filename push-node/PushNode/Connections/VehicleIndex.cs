using System.Collections.Concurrent;

namespace PushPlatform.PushNode.Connections;

/// <summary>This node's connections by unit. Nobody scans Redis to find a vehicle's socket.</summary>
internal sealed class VehicleIndex
{
    private readonly ConcurrentDictionary<string, IVehicleLink> _links = new();

    public int Count => _links.Count;

    /// <summary>All links; those that come or go meanwhile may be missed or seen.</summary>
    public IEnumerable<IVehicleLink> Links => _links.Values;

    public IVehicleLink? Find(string unit) => _links.GetValueOrDefault(unit);

    /// <summary>Newest wins: returns the older link of the unit, which the caller closes as replaced.</summary>
    public IVehicleLink? Add(IVehicleLink link)
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
        return older;
    }

    /// <summary>Takes the link out unless a newer one of its unit has taken its place.</summary>
    public void Remove(IVehicleLink link) => _links.TryRemove(new KeyValuePair<string, IVehicleLink>(link.Unit, link));
}
