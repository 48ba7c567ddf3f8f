using Microsoft.Extensions.Logging;
using PushPlatform.Delivery;
using PushPlatform.Delivery.Membership;
using PushPlatform.PushNode.Connections;
using PushPlatform.PushNode.Handshake;
using PushPlatform.PushNode.Telemetry;

namespace PushPlatform.PushNode.Orders;

/// <summary>Once a second: says what this node is doing, and finds out whether it still knows what it should.</summary>
internal sealed class Beats(
    NodeIdentity node, INodeMembership membership, OrderBoard board, Campaigns campaigns, VehicleIndex index, OrderFollower follower, OrderedDrain drain, Rounds rounds,
    RedisClock redisClock, StoreContact contact, Admission admission, LoopPulses pulses, TimeProvider clock, ILogger<Beats> log)
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(1);

    /// <summary>Each question to Redis ends within seconds, answered or not: a loop that is silent for this long hangs.</summary>
    private static readonly TimeSpan MaxSilence = TimeSpan.FromSeconds(30);

    private long _lastAnswered = clock.GetTimestamp();
    private volatile bool _cutOff;

    /// <summary>No beat was answered for three seconds: the node keeps its vehicles and sends nothing.</summary>
    public bool CutOff => _cutOff;

    /// <summary>Since the last answered beat.</summary>
    public TimeSpan Silence => clock.GetElapsedTime(Volatile.Read(ref _lastAnswered));

    public async Task RunAsync(CancellationToken stop)
    {
        LoopPulse pulse = pulses.Add("beats", MaxSilence);
        while (true)
        {
            pulse.Beat();
            long began = clock.GetTimestamp();
            await BeatAsync(stop);
            TimeSpan rest = Period - clock.GetElapsedTime(began);
            await Task.Delay(rest > TimeSpan.Zero ? rest : TimeSpan.Zero, clock, stop);
        }
    }

    private async Task BeatAsync(CancellationToken stop)
    {
        BeatReply? reply = null;
        bool damaged = false;
        await contact.TryAsync(async () =>
        {
            try
            {
                reply = await membership.BeatAsync(node.Pool, Describe(), stop);
            }
            catch (StoreDamagedException)
            {
                damaged = true;
                throw;
            }
        });
        if (damaged)
        {
            // Redis is not away: on another node the vehicles would be no better off. Nothing is sent that leases do not allow.
            Volatile.Write(ref _lastAnswered, clock.GetTimestamp());
            return;
        }

        if (reply is null)
        {
            if (!_cutOff && ContactRules.IsCutOff(Silence))
            {
                _cutOff = true;
                Log.CutOff(log);
            }

            return;
        }

        Volatile.Write(ref _lastAnswered, clock.GetTimestamp());
        redisClock.Heard(reply.RedisNow);
        drain.Hear(reply.ToldToDrain);
        follower.Compare(reply.OrderSeq, reply.OperatorAge);
        if (_cutOff)
        {
            _cutOff = false;
            Log.CutOffOver(log);
            // What was lost meanwhile is put back: orders read, sessions confirmed, vehicles looked at.
            follower.ReadSoon();
            rounds.Hurry();
        }
    }

    private NodeBeat Describe()
    {
        OrderSnapshot orders = board.Current;
        return new NodeBeat
        {
            Node = node.Name,
            Pod = node.Pod,
            Connections = index.Count,
            Accepting = !admission.IsDraining,
            OrderSeq = orders.Seq,
            Orders = [.. orders.ByPriority.Select(Progress).OfType<OrderProgress>()],
        };
    }

    /// <summary>Null while a new order is not being carried out yet: no number is better than a wrong zero.</summary>
    private OrderProgress? Progress(ActiveOrder order)
    {
        if (!order.HasTargets)
        {
            int matching = index.Links.Select(LocalVehicle.Of).Count(vehicle => vehicle is { Session: not 0 } && order.MatchesOnline(vehicle, redisClock.Now));
            return new OrderProgress(order.Order.CampaignId, order.Order.Revision, order.Order.Seq, matching, matching);
        }

        if (campaigns.Find(order) is not { } runner)
        {
            return null;
        }

        (int online, int open) = runner.Roster.Count();
        return new OrderProgress(order.Order.CampaignId, order.Order.Revision, runner.Order.Order.Seq, online, open)
        {
            InQuietHours = order.Quiet is null ? 0 : runner.Roster.CountQuiet(),
        };
    }
}

/// <summary>What a node without Redis does, by how long it has been so.</summary>
internal static class ContactRules
{
    private static readonly TimeSpan CutOffAfter = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan SendAwayAfter = TimeSpan.FromSeconds(60);

    /// <summary>Three beats missed.</summary>
    public static bool IsCutOff(TimeSpan silence) => silence >= CutOffAfter;

    /// <summary>Other nodes may reach Redis: the vehicles are better off there.</summary>
    public static bool ShouldSendAway(TimeSpan silence) => silence >= SendAwayAfter;

    /// <summary>How many of the vehicles that were here when the sending away began are to be gone by now.</summary>
    /// <param name="since">How long vehicles have been sent away.</param>
    /// <param name="drain">Over how long all of them go.</param>
    public static int GoneBy(int atFirst, TimeSpan since, TimeSpan drain) =>
        drain <= TimeSpan.Zero ? atFirst : (int)Math.Min(atFirst, Math.Ceiling(atFirst * (since / drain)));
}
