using System.Diagnostics;
using PushPlatform.Delivery;
using PushPlatform.Delivery.Ledger;
using PushPlatform.Delivery.Orders;
using PushPlatform.Delivery.Registry;
using PushPlatform.Delivery.Targeting;
using PushPlatform.Delivery.Telemetry;
using PushPlatform.PushNode.Protocol;

namespace PushPlatform.PushNode.Orders;

/// <summary>An order, made ready to be carried out: its filter compiled, its notice framed once for all vehicles.</summary>
internal sealed class ActiveOrder
{
    private ActiveOrder(PoolName pool, Order order, ActiveOrder? before)
    {
        Order = order;
        Key = order.Key(pool);
        DeliveryId = Key.DeliveryId;
        Matcher = before?.Order.Filter == order.Filter ? before.Matcher : new TargetMatcher(order.Filter);
        Frame = before?.Order.Notice == order.Notice ? before.Frame : WireFrame.Text(order.Notice);
        CancelFrame = order.Cancels ? before?.CancelFrame ?? NodeFrames.Cancel(DeliveryId) : null;
        Trace = TraceParent.TryParse(order.TraceParent, out ActivityContext trace) ? trace : default;
        ClaimRules = new ClaimRules(order.Delivery.AckTimeoutSeconds, order.Delivery.MaxAttempts, order.Delivery.MaxInFlight, order.DryRun, order.Retry);
        Quiet = order.QuietHours is not { } hours ? null : before?.Order.QuietHours == hours ? before.Quiet : new QuietClock(hours);
        SettleRules = new SettleRules(order.Delivery.AckLevel, order.Delivery.InstallTimeoutSeconds);
    }

    public Order Order { get; }

    public CampaignKey Key { get; }

    public string DeliveryId { get; }

    public TargetMatcher Matcher { get; }

    public WireFrame Frame { get; }

    /// <summary>Null: it has no quiet hours.</summary>
    public QuietClock? Quiet { get; }

    /// <summary>Null: the campaign is not cancelled.</summary>
    public WireFrame? CancelFrame { get; }

    /// <summary>The trace that its spans belong to.</summary>
    public ActivityContext Trace { get; }

    public ClaimRules ClaimRules { get; }

    public SettleRules SettleRules { get; }

    public string LedgerId => Order.LedgerId;

    /// <summary>Its target set is complete, so the ledger knows of each vehicle whether it is a target.</summary>
    public bool HasTargets => Order.LedgerId.Length > 0 && Order.Gate is Gate.Open or Gate.Paused;

    /// <param name="before">The same campaign's order until now, whose frame and filter are kept when they are equal.</param>
    public static ActiveOrder From(PoolName pool, Order order, ActiveOrder? before) => new(pool, order, before);

    /// <summary>New to the campaign: not a target unless it is taken along.</summary>
    public bool IsNewcomer(LocalVehicle vehicle) => vehicle.FirstSeenAt >= Order.StartedAt;

    /// <summary>Whether the campaign selects a vehicle by its labels, as told by itself or on record, and does not exclude it.</summary>
    public bool Selects(LocalVehicle vehicle) => Matcher.Selects(vehicle.Unit, vehicle.Labels);

    /// <summary>Judged at each claim by the current position.</summary>
    public bool IsInArea(LocalVehicle vehicle, DateTimeOffset now) => Order.Filter.Geo is null || Matcher.InArea(vehicle.Position, now);

    /// <summary>How long ago a vehicle has to have been told of something else. A lease's life more than asked for: so long after it was noted a notice may leave.</summary>
    public TimeSpan LeavesAloneFor => Order.Delivery.MinIntervalSeconds > 0 ? TimeSpan.FromSeconds(Order.Delivery.MinIntervalSeconds) + Lease.Lifetime : TimeSpan.Zero;

    /// <summary>Vehicles that were away at the start have only a share of the rate.</summary>
    public bool HoldsCatchUp => Order.Delivery.CatchUpPercent < 100;

    /// <summary>How long a vehicle's quiet hours last from now; zero outside of them.</summary>
    public TimeSpan QuietFor(LocalVehicle vehicle, DateTimeOffset now) => Quiet?.Remaining(vehicle.Labels, now) ?? TimeSpan.Zero;

    /// <summary>A connected vehicle that would be a target if the campaign started now.</summary>
    public bool MatchesOnline(LocalVehicle vehicle, DateTimeOffset now) => Selects(vehicle) && IsInArea(vehicle, now);

    /// <summary>A vehicle on record that is a target as the campaign starts; those that first appear later are newcomers.</summary>
    public bool MatchesKnown(KnownVehicle vehicle, bool away, DateTimeOffset now)
    {
        DateTimeOffset? lastSeen = away ? DateTimeOffset.UnixEpoch.AddMicroseconds(vehicle.LastSeenAt) : null;
        return (Order.StartedAt == 0 || vehicle.FirstSeenAt < Order.StartedAt)
            && Matcher.Judge(new TargetCandidate(vehicle.Vid, vehicle.Labels, vehicle.Position, lastSeen), now) == TargetVerdict.Match;
    }
}
