using PushPlatform.Fleet;
using PushPlatform.Operator.Api;

namespace PushPlatform.Scenarios.Chaos;

/// <summary>When the cars of a group are first there.</summary>
internal enum Presence
{
    /// <summary>Before anything begins: known.</summary>
    Connected,

    /// <summary>Known, but away until all is quiet.</summary>
    Away,

    /// <summary>For the first time in mid-schedule.</summary>
    Newcomer,

    /// <summary>For the first time when all campaigns are over.</summary>
    Late,
}

/// <summary>Whom a campaign is for.</summary>
internal enum Audience
{
    /// <summary>All cars of this schedule.</summary>
    All,

    /// <summary>Those of model a.</summary>
    ModelA,

    /// <summary>Those of model b: none of them is away at first, so it may end early.</summary>
    ModelB,

    /// <summary>By vid: the steady cars of model a and the newcomers, seen before or not.</summary>
    Listed,
}

internal sealed record CarGroup(string Name, string Model, int Count, Presence Presence)
{
    public VehicleAnswer Answer { get; init; } = VehicleAnswer.Received;

    public TimeSpan AnswerAfter { get; init; }

    public IEnumerable<string> Vids => Enumerable.Range(1, Count).Select(number => $"{Name}-{number:D5}");
}

internal sealed record CampaignPlan(string Name, Audience Audience, int MaxPerSecond)
{
    public int? Cap { get; init; }

    public NewVehicles NewVehicles { get; init; } = NewVehicles.WhilePushing;

    /// <summary>Applied on hold; a later event lifts it.</summary>
    public bool OnHold { get; init; }

    public int? ExpiresAfterSeconds { get; init; }
}

/// <summary>What happens to campaigns, processes, links, servers and cars.</summary>
internal enum ChaosAction
{
    Apply,
    Suspend,
    Resume,
    Abort,
    Cancel,
    Retry,
    Recreate,
    RaiseRevision,
    NodeKilled,
    NodePaused,
    NodeRedisCut,
    NodeRedisSilent,
    NodeRabbitCut,
    NodeRabbitSilent,
    LeaderKilled,
    LeaderPaused,
    LeaderRedisCut,
    LeaderRedisSilent,
    LeaderRabbitCut,
    LeaderApiCut,
    LeaderApiSilent,
    RedisRestarted,
    RedisPaused,
    RabbitRestarted,
    RabbitPaused,
    CarsReset,
    CarsHalfOpen,
    AllCarsReset,
    CarsTwice,
    NewcomersCome,
    LedgerLost,
    LedgerShardLost,
}

/// <param name="At">From the start.</param>
/// <param name="Action">What.</param>
/// <param name="Index">Which campaign or node; how many cars. Otherwise 0.</param>
/// <param name="For">How long it lasts; zero: it is over at once, or the thing mends itself.</param>
internal sealed record ChaosEvent(TimeSpan At, ChaosAction Action, int Index, TimeSpan For);

/// <summary>Everything that one seed stands for.</summary>
internal sealed record Schedule(int Seed, IReadOnlyList<CarGroup> Groups, IReadOnlyList<CampaignPlan> Campaigns, IReadOnlyList<ChaosEvent> Events)
{
    /// <summary>Seconds after which silence counts as a miss, and how many are allowed: together longer than it takes to notice a dead link, so that a link alone fails no car.</summary>
    public const int AckTimeoutSeconds = 2;

    public const int MaxAttempts = 3;

    public IEnumerable<string> VidsOf(CampaignPlan campaign, params Presence[] presence) =>
        Groups.Where(group => presence.Contains(group.Presence) && IsFor(campaign, group)).SelectMany(group => group.Vids);

    public static bool IsFor(CampaignPlan campaign, CarGroup group) => campaign.Audience switch
    {
        Audience.All => true,
        Audience.ModelA => group.Model == "a",
        Audience.ModelB => group.Model == "b",
        _ => group.Model == "a" && (group.Presence is Presence.Newcomer || group.Name.Contains("-steady", StringComparison.Ordinal)),
    };
}
