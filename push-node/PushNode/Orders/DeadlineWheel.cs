namespace PushPlatform.PushNode.Orders;

/// <summary>Deadlines of any number of deliveries without a timer for each (hashed wheel, Varghese and Lauck 1987). Not thread-safe.</summary>
/// <remarks>A delivery comes up at most one <see cref="TickMs"/> late, never early. Further rounds of the wheel just pass it by.</remarks>
internal sealed class DeadlineWheel
{
    public const int TickMs = 100;
    private const int SlotCount = 512;

    private readonly LinkedList<LocalDelivery>[] _slots = [.. Enumerable.Range(0, SlotCount).Select(_ => new LinkedList<LocalDelivery>())];
    private long _turnedTo;

    /// <summary>The list to put a delivery in that is due at <see cref="LocalDelivery.DueAt"/>.</summary>
    public LinkedList<LocalDelivery> SlotFor(long dueAt) => _slots[Math.Max(TickOf(dueAt), _turnedTo + 1) % SlotCount];

    /// <summary>Takes out and returns what is due.</summary>
    public List<LocalDelivery> Turn(long now)
    {
        List<LocalDelivery> due = [];
        long until = now / TickMs;
        for (long tick = Math.Max(_turnedTo + 1, until - SlotCount + 1); tick <= until; tick++)
        {
            LinkedList<LocalDelivery> slot = _slots[tick % SlotCount];
            for (LinkedListNode<LocalDelivery>? node = slot.First; node is not null;)
            {
                LinkedListNode<LocalDelivery>? next = node.Next;
                if (node.Value.DueAt <= now)
                {
                    slot.Remove(node);
                    due.Add(node.Value);
                }

                node = next;
            }
        }

        _turnedTo = Math.Max(_turnedTo, until);
        return due;
    }

    // Rounded up: at the tick's turn the deadline has passed.
    private static long TickOf(long dueAt) => (dueAt + TickMs - 1) / TickMs;
}
