using PushPlatform.Operator.Api;
using PushPlatform.Operator.Campaigns;
using PushPlatform.Operator.Campaigns.Conflicts;
using Shouldly;
using Xunit;

namespace PushPlatform.Tests.Unit.Operator.Conflicts;

/// <summary>Who goes first among two that push the same patch, told from one that is about to start.</summary>
public sealed class ConflictRuleTests
{
    private static readonly DateTimeOffset Accepted = new(2026, 11, 1, 11, 0, 0, TimeSpan.Zero);

    private readonly CampaignWorld _world = new();

    // The other one: older or newer; waiting or started; its priority (the asking one has 500). Then what becomes of it under each policy.
    [Theory]
    [InlineData("older", "waits", 500, "waits for it", "displaces it")]
    [InlineData("older", "waits", 400, "displaces it", "displaces it")]
    [InlineData("older", "waits", 600, "waits for it", "waits for it")]
    [InlineData("older", "started", 500, "waits for it", "displaces it")]
    [InlineData("older", "started", 400, "waits for it", "displaces it")]
    [InlineData("older", "started", 600, "waits for it", "waits for it")]
    [InlineData("newer", "waits", 500, "goes", "goes")]
    [InlineData("newer", "waits", 400, "goes", "goes")]
    [InlineData("newer", "waits", 600, "waits for it", "waits for it")]
    [InlineData("newer", "started", 400, "is overtaken", "is overtaken")]
    [InlineData("newer", "ended after its start", 500, "is overtaken", "is overtaken")]
    [InlineData("newer", "ended without a start", 500, "goes", "goes")]
    [InlineData("older", "ended after its start", 900, "goes", "goes")]
    [InlineData("older", "ended, and may return", 900, "displaces it", "displaces it")]
    [InlineData("older", "ended, and may not return any more", 900, "goes", "goes")]
    [InlineData("older", "stalled", 900, "displaces it", "displaces it")]
    [InlineData("older", "stalled in its push", 900, "displaces it", "displaces it")]
    [InlineData("newer", "stalled", 900, "goes", "goes")]
    [InlineData("older", "gives way, not started", 900, "goes", "goes")]
    [InlineData("older", "gives way", 900, "waits until it is silent", "waits until it is silent")]
    [InlineData("older", "gave way", 900, "goes", "goes")]
    [InlineData("older", "is deleted", 900, "waits until it is silent", "waits until it is silent")]
    [InlineData("newer", "is deleted, not started", 900, "goes", "goes")]
    [InlineData("unaccepted", "waits", 900, "goes", "goes")]
    [InlineData("unaccepted", "is an order without a resource", 0, "waits until it is silent", "waits until it is silent")]
    public void Judge_AnotherOfTheSamePatch(string age, string state, int priority, string queued, string superseding)
    {
        Rival other = Other(age, state, priority);

        Verdict(ConflictPolicy.Queue, other).ShouldBe(queued);
        Verdict(ConflictPolicy.Reject, other).ShouldBe(queued);
        Verdict(ConflictPolicy.Supersede, other).ShouldBe(superseding);
    }

    [Fact]
    public void Judge_OfTheSameSecond_TheNameDecides()
    {
        Verdict(ConflictPolicy.Queue, Other("older", "waits", 500) with { Name = "a", AcceptedAt = Accepted }).ShouldBe("waits for it");
        Verdict(ConflictPolicy.Queue, Other("older", "waits", 500) with { Name = "z", AcceptedAt = Accepted }).ShouldBe("goes");
    }

    [Fact]
    public void Judge_SeveralGoFirst_NamesTheOneThatHasStarted() =>
        ConflictRule.Judge(Asking(ConflictPolicy.Queue, [Other("older", "waits", 900) with { Name = "a" }, Other("older", "started", 500) with { Name = "b" }])).Waits!.Name.ShouldBe("b");

    [Fact]
    public void Opposes_WhatEnds_AndWhatCannotGoOn_DoesNot()
    {
        string[] states = ["waits", "started", "stalled", "gives way", "gave way", "is deleted", "ended after its start"];

        states.Where(state => ConflictRule.Opposes(Asking(ConflictPolicy.Reject, [Other("older", state, 0)])) is not null).ShouldBe(["waits", "started"]);
    }

    private string Verdict(ConflictPolicy policy, Rival other)
    {
        ConflictVerdict verdict = ConflictRule.Judge(Asking(policy, [other]));
        return verdict switch
        {
            { Overtaken: not null } => "is overtaken",
            { Waits: not null } => "waits for it",
            { Displaces.Count: 1 } => "displaces it",
            { Closing: not null } => "waits until it is silent",
            _ => "goes",
        };
    }

    private CampaignObservation Asking(ConflictPolicy policy, IReadOnlyList<Rival> others)
    {
        _world.Edit(spec => spec with { ConflictPolicy = policy });
        _world.SetStatus(new PushCampaignStatus { Revision = 1, AcceptedAt = Accepted });
        return _world.Observe() with { Rivals = new Rivals(others, Fresh: true) };
    }

    private static Rival Other(string age, string state, int priority)
    {
        Rival rival = new()
        {
            Name = "other",
            Priority = priority,
            AcceptedAt = age switch { "older" => Accepted.AddSeconds(-1), "newer" => Accepted.AddSeconds(1), _ => null },
        };
        return state switch
        {
            "started" => rival with { Started = true },
            "ended after its start" => rival with { Started = true, Over = true },
            "ended, and may return" => rival with { Started = true, Over = true, MayReturn = true },
            "ended, and may not return any more" => rival with { Started = true, Over = true, MayReturn = true, GivesWay = true },
            "ended without a start" => rival with { Over = true },
            "stalled" => rival with { Stalled = true },
            "stalled in its push" => rival with { Started = true, Stalled = true },
            "gives way, not started" => rival with { GivesWay = true },
            "gives way" => rival with { Started = true, GivesWay = true },
            "gave way" => rival with { Started = true, GivesWay = true, GaveWay = true },
            "is deleted" => rival with { Started = true, Leaves = true },
            "is deleted, not started" => rival with { Leaves = true },
            "is an order without a resource" => Rival.OfOrder("other"),
            _ => rival,
        };
    }
}
