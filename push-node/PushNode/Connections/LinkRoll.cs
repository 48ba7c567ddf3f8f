using System.Collections;

namespace PushPlatform.PushNode.Connections;

/// <summary>The open links in the order of their arrival, but for places that became free, of which the first is taken first. Going through them waits for nobody.</summary>
/// <remarks>
/// The kernel made their sockets in about that order: a message to all goes through its memory from one end to the other, not back and forth
/// (push-node/README.md, Decisions).
/// </remarks>
internal sealed class LinkRoll : IEnumerable<IVehicleLink>
{
    private readonly Lock _gate = new();
    private readonly PriorityQueue<int, int> _free = new();
    private IVehicleLink?[] _places = new IVehicleLink?[256];
    private int _end;

    public void Add(IVehicleLink link)
    {
        lock (_gate)
        {
            if (!_free.TryDequeue(out int place, out _))
            {
                place = _end++;
                if (place == _places.Length)
                {
                    Array.Resize(ref _places, 2 * place);
                }
            }

            link.Place = place;
            Volatile.Write(ref _places[place], link);
        }
    }

    /// <summary>The newer one takes the older one's place, if it has one: whoever goes through them meanwhile sees one of the two.</summary>
    public void Replace(IVehicleLink older, IVehicleLink newer)
    {
        lock (_gate)
        {
            if (ReferenceEquals(_places[older.Place], older))
            {
                newer.Place = older.Place;
                Volatile.Write(ref _places[newer.Place], newer);
                return;
            }
        }

        Add(newer);
    }

    /// <summary>Does nothing where it is not there.</summary>
    public void Remove(IVehicleLink link)
    {
        lock (_gate)
        {
            if (ReferenceEquals(_places[link.Place], link))
            {
                _places[link.Place] = null;
                _free.Enqueue(link.Place, link.Place);
            }
        }
    }

    /// <summary>Those that come or go meanwhile may be missed or seen; those that were there before and stay are seen once.</summary>
    public IEnumerator<IVehicleLink> GetEnumerator()
    {
        IVehicleLink?[] places = Volatile.Read(ref _places);
        for (int place = 0; place < places.Length; place++)
        {
            if (Volatile.Read(ref places[place]) is { } link)
            {
                yield return link;
            }
        }
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
