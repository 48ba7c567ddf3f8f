using System.Collections.Frozen;
using System.Collections.Immutable;
using PushPlatform.Delivery;
using PushPlatform.Delivery.Bus;
using PushPlatform.Delivery.Orders;

namespace PushPlatform.PushNode.Orders;

/// <summary>The orders that this node carries out: an immutable snapshot, swapped whole.</summary>
internal sealed class OrderBoard(PoolName pool)
{
    private readonly Lock _writing = new();
    private volatile OrderSnapshot _current = OrderSnapshot.Empty;

    public OrderSnapshot Current => _current;

    /// <summary>After each change of <see cref="Current"/>. Returns at once.</summary>
    public event EventHandler? Changed;

    /// <summary>Applies a message that follows on what is known. False: something between was missed, or it is old; read the book.</summary>
    public bool TryApply(OrderMessage message)
    {
        lock (_writing)
        {
            if (message.Prev != _current.Seq)
            {
                return message.Seq == _current.Seq;
            }

            IEnumerable<Order> orders = _current.ByPriority
                .Select(active => active.Order)
                .Where(order => order.CampaignId != message.Order.CampaignId)
                .Append(message.Order);
            _current = Build(message.Seq, orders, _current);
        }

        Changed?.Invoke(this, EventArgs.Empty);
        return true;
    }

    /// <summary>Replaces everything with what was read. False: the board has moved since <paramref name="before"/> was taken, so the page may be old; read again.</summary>
    /// <param name="before">The snapshot that stood when the reading began.</param>
    public bool TryReplace(OrderBookPage page, OrderSnapshot before)
    {
        lock (_writing)
        {
            if (!ReferenceEquals(before, _current))
            {
                return false;
            }

            _current = Build(page.Seq, page.Orders, _current);
        }

        Changed?.Invoke(this, EventArgs.Empty);
        return true;
    }

    private OrderSnapshot Build(long seq, IEnumerable<Order> orders, OrderSnapshot before)
    {
        List<ActiveOrder> active = [];
        List<string> faults = [];
        foreach (Order order in orders.Where(order => order.Gate != Gate.Closed).OrderByDescending(order => order.Priority).ThenBy(order => order.Seq))
        {
            try
            {
                active.Add(ActiveOrder.From(pool, order, before.Find(order.CampaignId, order.Revision)));
            }
            catch (ArgumentException error)
            {
                // The operator refuses such filters; one that got through must not keep the node from the other orders.
                faults.Add($"Order {order.CampaignId} cannot be carried out: {error.Message}");
            }
        }

        return new OrderSnapshot(seq, [.. active], faults);
    }
}

/// <summary>The orders at one sequence number, the greatest priority first.</summary>
internal sealed class OrderSnapshot(long seq, ImmutableArray<ActiveOrder> byPriority, IReadOnlyList<string> faults)
{
    private readonly FrozenDictionary<string, ActiveOrder> _byDelivery = byPriority.ToFrozenDictionary(active => active.DeliveryId);

    public static OrderSnapshot Empty { get; } = new(0, [], []);

    public long Seq { get; } = seq;

    public ImmutableArray<ActiveOrder> ByPriority { get; } = byPriority;

    /// <summary>The book has been read, if only to find it empty.</summary>
    public bool IsKnown => !ReferenceEquals(this, Empty);

    /// <summary>Some order, in whatever state, wants to know when vehicles were last told.</summary>
    public bool SpacesVehicles { get; } = byPriority.Any(active => active.LeavesAloneFor > TimeSpan.Zero);

    /// <summary>Orders that this node cannot carry out, in words for health.</summary>
    public IReadOnlyList<string> Faults { get; } = faults;

    public ActiveOrder? Find(string deliveryId) => _byDelivery.GetValueOrDefault(deliveryId);

    public ActiveOrder? Find(string campaignId, int revision) => ByPriority.FirstOrDefault(
        active => active.Order.CampaignId == campaignId && active.Order.Revision == revision);
}
