using PushPlatform.Fleet;
using PushPlatform.Operator.Api;

namespace PushPlatform.Scenarios.Chaos;

/// <summary>From a seed to a schedule, always the same. Pure.</summary>
internal sealed class ScheduleMaker
{
    /// <summary>No fault begins later than this; then all is healed.</summary>
    private const double ActiveSeconds = 5;

    // What may happen, how often in comparison, and for at most how many seconds.
    private static readonly (ChaosAction Action, int Weight, double Longest)[] Disturbances =
    [
        (ChaosAction.NodeKilled, 6, 0),
        (ChaosAction.NodePaused, 6, 3),
        (ChaosAction.NodeRedisCut, 6, 3),
        (ChaosAction.NodeRedisSilent, 6, 3),
        (ChaosAction.NodeRabbitCut, 4, 4),
        (ChaosAction.NodeRabbitSilent, 4, 4),
        (ChaosAction.LeaderKilled, 2, 0),
        (ChaosAction.LeaderPaused, 2, 3),
        (ChaosAction.LeaderRedisCut, 3, 3),
        (ChaosAction.LeaderRedisSilent, 3, 3),
        (ChaosAction.LeaderRabbitCut, 2, 4),
        (ChaosAction.LeaderApiCut, 2, 3),
        (ChaosAction.LeaderApiSilent, 2, 3),
        (ChaosAction.RedisRestarted, 4, 0),
        (ChaosAction.RedisPaused, 4, 2),
        (ChaosAction.RabbitRestarted, 1, 0),
        (ChaosAction.RabbitPaused, 2, 4),
        (ChaosAction.CarsReset, 6, 0),
        (ChaosAction.CarsHalfOpen, 6, 0),
        (ChaosAction.AllCarsReset, 4, 0),
        (ChaosAction.CarsTwice, 4, 0),
    ];

    private readonly Random _random;
    private readonly int _seed;
    private readonly List<ChaosEvent> _events = [];

    private ScheduleMaker(int seed)
    {
        _seed = seed;
        _random = new Random(seed);
    }

    public static Schedule Make(int seed) => new ScheduleMaker(seed).Make();

    private Schedule Make()
    {
        // A lost ledger breaks every other promise by nature: its schedules are of their own kind.
        bool ledgerIsLost = _random.Next(12) == 0;
        List<CarGroup> groups = Groups();
        List<CampaignPlan> campaigns = ledgerIsLost ? [LosingItsLedger()] : [.. Enumerable.Range(0, _random.Next(2, 4)).Select(Campaign)];
        int faults = ledgerIsLost ? 1 : _random.Next(1, 5);
        for (int fault = 0; fault < faults; fault++)
        {
            Disturb();
        }
        // Otherwise a leader dies, or hangs for longer than its lease, in one schedule of twenty: each costs the 15 s of that lease.
        if (!ledgerIsLost && _random.Next(20) == 0)
        {
            _events.Add(new ChaosEvent(Seconds(0.5, 2), ChaosAction.LeaderPaused, 0, TimeSpan.FromSeconds(17)));
        }
        _events.Add(new ChaosEvent(Seconds(1, 4), ChaosAction.NewcomersCome, 0, TimeSpan.Zero));
        return new Schedule(_seed, groups, campaigns, [.. _events.OrderBy(happening => happening.At)]);
    }

    private List<CarGroup> Groups() =>
    [
        new(Named("steady-a"), "a", _random.Next(15, 35), Presence.Connected),
        new(Named("steady-b"), "b", _random.Next(8, 20), Presence.Connected),
        new(Named("slow"), "a", _random.Next(2, 8), Presence.Connected) { AnswerAfter = Seconds(0.2, 3) },
        new(Named("mute"), "a", _random.Next(0, 3), Presence.Connected) { Answer = VehicleAnswer.Nothing },
        new(Named("rejecting"), "a", _random.Next(0, 4), Presence.Connected) { Answer = VehicleAnswer.Rejected },
        new(Named("failing"), "b", _random.Next(0, 4), Presence.Connected) { Answer = VehicleAnswer.Failed },
        new(Named("away"), "a", _random.Next(3, 12), Presence.Away),
        new(Named("new"), "a", _random.Next(2, 8), Presence.Newcomer),
        new(Named("late"), "a", 2, Presence.Late),
    ];

    private string Named(string role) => $"s{_seed}-{role}";

    private CampaignPlan Campaign(int index)
    {
        TimeSpan applied = Seconds(0, 1.5);
        _events.Add(new ChaosEvent(applied, ChaosAction.Apply, index, TimeSpan.Zero));
        int fate = _random.Next(126);
        CampaignPlan plan = new($"s{_seed}-{index}", Pick(Audience.All, Audience.ModelA, Audience.Listed), fate < 35 ? Pick(15, 40, 100) : Pick(10, 15, 20))
        {
            Cap = _random.Next(4) == 0 ? _random.Next(1, 30) : null,
            NewVehicles = Pick(NewVehicles.WhilePushing, NewVehicles.WhilePushing, NewVehicles.Ignore),
        };
        switch (fate)
        {
            case < 35:
                break;
            case < 45:
                plan = plan with { OnHold = true };
                _events.Add(After(applied, 1, 3, ChaosAction.Resume, index));
                break;
            case < 65:
                ChaosEvent suspended = After(applied, 0.3, 2.5, ChaosAction.Suspend, index);
                _events.Add(suspended);
                _events.Add(After(suspended.At, 2.5, 4, ChaosAction.Resume, index));
                break;
            case < 76:
                _events.Add(After(applied, 0.3, 3, ChaosAction.Abort, index));
                break;
            case < 87:
                _events.Add(After(applied, 0.3, 3.5, ChaosAction.Recreate, index));
                break;
            case < 95:
                _events.Add(After(applied, 0.3, 3.5, ChaosAction.RaiseRevision, index));
                break;
            case < 120:
                // Among the faults, or after its end: what is over has to go on, or be taken back, just as well.
                plan = plan with { Audience = Pick(plan.Audience, Audience.ModelB) };
                _events.Add(After(applied, 0.5, Pick(3, 9), fate < 108 ? ChaosAction.Retry : ChaosAction.Cancel, index));
                break;
            default:
                plan = plan with { ExpiresAfterSeconds = _random.Next(6, 12), NewVehicles = NewVehicles.UntilExpiry };
                break;
        }
        return plan;
    }

    private CampaignPlan LosingItsLedger()
    {
        _events.Add(new ChaosEvent(TimeSpan.Zero, ChaosAction.Apply, 0, TimeSpan.Zero));
        ChaosAction loss = Pick(ChaosAction.LedgerLost, ChaosAction.LedgerShardLost);
        _events.Add(new ChaosEvent(Seconds(1.5, 3), loss, 0, TimeSpan.Zero));
        return new CampaignPlan($"s{_seed}-0", Audience.All, 10);
    }

    private void Disturb()
    {
        int drawn = _random.Next(Disturbances.Sum(entry => entry.Weight));
        foreach ((ChaosAction action, int weight, double longest) in Disturbances)
        {
            drawn -= weight;
            if (drawn < 0)
            {
                int index = action is ChaosAction.CarsReset or ChaosAction.CarsHalfOpen or ChaosAction.CarsTwice ? _random.Next(1, 16) : _random.Next(2);
                _events.Add(new ChaosEvent(Seconds(0.2, ActiveSeconds - 1), action, index, longest > 0 ? Seconds(0.5, longest) : TimeSpan.Zero));
                return;
            }
        }
    }

    private ChaosEvent After(TimeSpan at, double least, double most, ChaosAction action, int index) => new(at + Seconds(least, most), action, index, TimeSpan.Zero);

    private TimeSpan Seconds(double least, double most) => TimeSpan.FromMilliseconds(Math.Round((least + (_random.NextDouble() * (most - least))) * 1000));

    private T Pick<T>(params ReadOnlySpan<T> choices) => choices[_random.Next(choices.Length)];
}
