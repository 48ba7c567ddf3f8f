namespace PushPlatform.PushNode.Orders;

/// <content>Whom to tell that the campaign is cancelled.</content>
internal sealed partial class Roster
{
    /// <summary>Vehicles that could be told to forget it now, as far as <paramref name="most"/>.</summary>
    public int Cancellable(int most)
    {
        lock (_gate)
        {
            return FirstToCancel(most).Count();
        }
    }

    /// <summary>Takes up to <paramref name="most"/> vehicles to be told now; one whose outbox is full keeps its place.</summary>
    public IReadOnlyList<LocalDelivery> TakeToCancel(int most)
    {
        lock (_gate)
        {
            List<LocalDelivery> taken = [.. FirstToCancel(most)];
            foreach (LocalDelivery delivery in taken)
            {
                _lists.Move(delivery, DeliveryPhase.CancelTold, Now);
                delivery.ToldToForget = true;
            }

            return taken;
        }
    }

    /// <summary>It was not told after all: the lease had run out.</summary>
    public void NotCancelled(LocalDelivery delivery)
    {
        lock (_gate)
        {
            if (delivery.Phase == DeliveryPhase.CancelTold)
            {
                delivery.ToldToForget = false;
                _lists.Move(delivery, DeliveryPhase.ToCancel, Now);
            }
        }
    }

    private IEnumerable<LocalDelivery> FirstToCancel(int most) => _lists.ToCancel.Where(delivery => delivery.Vehicle.Link is { IsOpen: true, HasRoom: true }).Take(most);
}
