using PushPlatform.Delivery.Bus;
using PushPlatform.Delivery.Orders;

namespace PushPlatform.PushNode.Orders;

/// <summary>Keeps the board equal to the order book: by the bus when it can, by reading when it must (G6).</summary>
internal sealed class OrderFollower(
    NodeIdentity node, IOrderBus bus, IOrderBook book, OrderBoard board, Kicks kicks, OrderedDrain drain, StoreContact contact, TimeProvider clock) : IDisposable
{
    /// <summary>The operator ticks every 5 s: after three the bus is the one that is silent.</summary>
    private static readonly TimeSpan SilenceBeforeRebuild = TimeSpan.FromSeconds(15);

    /// <summary>An operator that beat within this time has ticked, too.</summary>
    private static readonly TimeSpan FreshOperator = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan Idle = TimeSpan.FromSeconds(5);

    private readonly Wakeup _read = new();
    private long _heardAt = clock.GetTimestamp();

    /// <summary>Something was missed: reads the book soon.</summary>
    public void ReadSoon() => _read.Set();

    /// <summary>Follows the bus until stopped.</summary>
    public async Task FollowBusAsync(CancellationToken stop)
    {
        await foreach (BusEvent @event in bus.SubscribeAsync(node.Pool, stop))
        {
            Volatile.Write(ref _heardAt, clock.GetTimestamp());
            switch (@event)
            {
                case BusEvent.Connected:
                    ReadSoon();
                    break;
                case BusEvent.Received(OrderMessage message) when !board.TryApply(message):
                case BusEvent.Received(TickMessage tick) when tick.Seq != board.Current.Seq:
                    ReadSoon();
                    break;
                case BusEvent.Received(KickMessage kick):
                    kicks.Handle(kick);
                    break;
                case BusEvent.Received(DrainMessage):
                    drain.LookSoon();
                    break;
            }
        }
    }

    /// <summary>Reads the book whenever it is due.</summary>
    public async Task ReadAsync(CancellationToken stop)
    {
        ReadSoon();
        while (true)
        {
            if (!await _read.WaitAsync(Idle, stop))
            {
                continue;
            }

            OrderSnapshot before;
            OrderBookPage page = OrderBookPage.Empty;
            do
            {
                before = board.Current;
                await contact.UntilAnsweredAsync(async () => page = await book.ReadAsync(node.Pool, stop), stop);
            }
            while (!board.TryReplace(page, before));
            foreach (string campaign in page.Unreadable.Keys)
            {
                contact.Damaged($"The order of {campaign} in Redis cannot be read: nothing is sent for it until its operator writes it anew");
            }
        }
    }

    /// <summary>What the node's beat brought back: compares the sequence numbers, and the bus' silence with the operator's life.</summary>
    public void Compare(long orderSeq, TimeSpan? operatorAge)
    {
        if (orderSeq != board.Current.Seq)
        {
            ReadSoon();
        }

        if (operatorAge < FreshOperator && clock.GetElapsedTime(Volatile.Read(ref _heardAt)) > SilenceBeforeRebuild)
        {
            Volatile.Write(ref _heardAt, clock.GetTimestamp());
            bus.Rebuild("no tick for 15 s although the operator lives");
        }
    }

    public void Dispose() => _read.Dispose();
}
