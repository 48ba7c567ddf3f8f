using PushPlatform.Delivery.Orders;
using PushPlatform.Kubernetes.Models;
using PushPlatform.Operator.Api;
using PushPlatform.Operator.Campaigns;
using PushPlatform.Operator.Campaigns.Conflicts;
using Shouldly;

namespace PushPlatform.Tests.Unit.Operator.Conflicts;

/// <summary>
/// Several campaigns of one pool, each pass cut into its look, its deed and its status, so that those of others, of people and of a new leader come
/// between; and what cars are sent meanwhile, a lease after the gate was closed included.
/// </summary>
internal sealed class ConflictWorld
{
    private readonly CampaignWorld[] _members;
    private readonly (CampaignObservation Seen, CampaignDecision Decision, int Leader, bool Acted)?[] _passes;
    private readonly (DateTimeOffset At, int Revision)?[] _open;
    private readonly DateTimeOffset?[] _orphanClosedAt;
    private readonly string?[] _patches;
    private readonly Dictionary<(int, int), Age> _ages = [];
    private readonly Dictionary<string, Age> _newestSent = [];
    private IReadOnlyList<PushCampaign> _cache = [];
    private int _leader;
    private double _skew;

    public ConflictWorld(int campaigns)
    {
        _members = [.. Enumerable.Range(0, campaigns).Select(_ => new CampaignWorld { Campaign = null, OpenOnNodes = 1, PreviewedShards = 16 })];
        _passes = new (CampaignObservation, CampaignDecision, int, bool)?[campaigns];
        _open = new (DateTimeOffset, int)?[campaigns];
        _orphanClosedAt = new DateTimeOffset?[campaigns];
        _patches = new string?[campaigns];
        foreach (CampaignWorld member in _members)
        {
            member.Rivals = RivalsOf;
            member.Supersede = Supersede;
        }
    }

    public DateTimeOffset Now
    {
        get => _members[0].Now;
        set => Array.ForEach(_members, member => member.Now = value);
    }

    public int Sends { get; private set; }

    public int Displaced { get; private set; }

    public CampaignWorld this[int index] => _members[index];

    public void Create(int index, PushCampaignSpec spec)
    {
        if (_patches[index] is null)
        {
            _patches[index] = spec.Patch.Id;
            _members[index].Campaign = CampaignWorld.NewCampaign($"uid-{index}", spec with { CampaignId = $"c{index}" }, $"c{index}");
        }
    }

    /// <summary>Gone without its finalizer.</summary>
    public void Vanish(int index)
    {
        _members[index].Campaign = null;
        _passes[index] = null;
    }

    /// <summary>What a campaign that is gone has left behind is closed, and later forgotten.</summary>
    public void CloseOrphans()
    {
        for (int i = 0; i < _members.Length; i++)
        {
            if (_members[i] is not { Campaign: null, Order: not null } orphan)
            {
                continue;
            }
            if (_orphanClosedAt[i] is not { } closed)
            {
                Remember(i);
                orphan.ClosePace(orphan.Order.Revision);
                _orphanClosedAt[i] = Now;
            }
            else if (Now - closed >= RunningPlan.Grace)
            {
                orphan.Order = null;
            }
        }
    }

    public void CatchUp() => _cache = [.. _members.Select(member => member.Campaign).OfType<PushCampaign>()];

    public void Look(int index)
    {
        if (_members[index].Campaign is not null && (_passes[index] is not { } pass || pass.Leader != _leader))
        {
            CampaignObservation seen = _members[index].Observe();
            seen = seen with { Now = seen.Now.AddSeconds(_skew) };
            _passes[index] = (seen, CampaignPlan.Decide(seen), _leader, false);
        }
    }

    public void Act(int index)
    {
        if (_passes[index] is not { Acted: false } pass || _members[index].Campaign is null)
        {
            return;
        }
        bool opens = pass.Decision.Step is CampaignStep.Align { Pace.Open: true } or CampaignStep.Align { Order.Gate: Gate.Open } or CampaignStep.Supersede;
        if (pass.Leader == _leader || !opens)
        {
            _members[index].Act(pass.Decision);
        }
        _passes[index] = pass with { Acted = true };
        Remember(index);
    }

    public void Write(int index)
    {
        if (_passes[index] is not { Acted: true } pass || _members[index].Campaign is not { } campaign)
        {
            return;
        }
        _passes[index] = null;
        if (pass.Seen.Campaign.Metadata.ResourceVersion != campaign.Metadata.ResourceVersion)
        {
            return;
        }
        _members[index].SetStatus(CampaignStatus.Of(pass.Seen, pass.Decision.Standing));
        if (pass.Decision.Released)
        {
            _members[index].Campaign = null;
        }
        Remember(index);
    }

    public void Pass(int index)
    {
        _passes[index] = null;
        Look(index);
        Act(index);
        Write(index);
    }

    /// <summary>Somebody else leads: he knows nothing yet, and what the former one has in hand still happens, but for what a leader alone may do.</summary>
    /// <param name="skew">By how many seconds his clock is wrong.</param>
    public void Elect(double skew)
    {
        _leader++;
        _skew = skew;
        Array.ForEach(_members, member => member.Crash());
        CatchUp();
    }

    /// <summary>How many were put back after their campaign had ended.</summary>
    public int Retried => _members.Sum(member => member.Tombstones.Count(end => end.Retry > 0 || end.Reopened));

    /// <summary>A car is sent what this campaign pushes, if a lease may live.</summary>
    /// <param name="index">Of the campaign.</param>
    /// <param name="fails">It says that it failed.</param>
    public void Send(int index, bool fails = false)
    {
        Remember(index);
        if (_open[index] is not { } open || Now - open.At >= RunningPlan.Grace || !CanBeClaimed(index, open.Revision))
        {
            return;
        }
        _members[index].Change(
            counts => counts.Pending == 0 ? counts : counts with
            {
                Pending = counts.Pending - 1,
                PutBack = Math.Max(0, counts.PutBack - 1),
                Delivered = counts.Delivered + (fails ? 0 : 1),
                Failed = counts.Failed + (fails ? 1 : 0),
            },
            open.Revision);
        Age age = _ages[(index, open.Revision)];
        string patch = _patches[index]!;
        if (_newestSent.TryGetValue(patch, out Age? newest))
        {
            age.IsOlderThan(newest).ShouldBeFalse($"{age} of {patch} is sent after {newest}");
        }
        _newestSent[patch] = age;
        Sends++;
    }

    // A lease alone sends nothing: a car has to be pending, and one that was put back is told by a notice of that round alone.
    private bool CanBeClaimed(int index, int revision)
    {
        CampaignWorld member = _members[index];
        return member.LedgerOf(revision) is { Counts: var counts } ledger
            && counts.Pending - (member.Order is { } order && order.Retry >= ledger.Retry ? 0 : counts.PutBack) > 0;
    }

    private void Remember(int index)
    {
        CampaignWorld member = _members[index];
        if (member.Order is { Gate: Gate.Open } order && member.LedgerOf(order.Revision) is { Pace.Open: true })
        {
            _open[index] = (Now, order.Revision);
        }
        if (member.Campaign is { Status: { Revision: { } revision, AcceptedAt: { } at } } campaign)
        {
            _ages.TryAdd((index, revision), new Age(at, campaign.Name(), _ages.Count));
        }
    }

    /// <summary>When an operator's clock was wrong, its rivals of that time being gone, or when two were accepted at once, the order in which it was recorded is as good as the other.</summary>
    private sealed record Age(DateTimeOffset At, string Name, int Recorded)
    {
        public bool IsOlderThan(Age other) => Recorded < other.Recorded && (At < other.At || (At == other.At && string.CompareOrdinal(Name, other.Name) < 0));
    }

    private Rivals RivalsOf(CampaignObservation seen)
    {
        if (!RivalReader.Concerns(seen))
        {
            return Rivals.None;
        }
        if (!RivalReader.AsksNow(seen))
        {
            return new Rivals(RivalReader.Of(seen, _cache, []), Fresh: false);
        }
        return new Rivals(
            RivalReader.Of(seen, _members.Select(member => member.Campaign).OfType<PushCampaign>(), _members.Select(member => member.Order).OfType<Order>()), Fresh: true);
    }

    private void Supersede(CampaignStep.Supersede step, string by)
    {
        foreach (PushCampaign other in step.Others)
        {
            CampaignWorld? member = Array.Find(_members, member => member.Campaign?.Uid() == other.Uid());
            if (member?.Campaign is { } campaign && campaign.Metadata.ResourceVersion == other.Metadata.ResourceVersion)
            {
                member.SetStatus(campaign.Status with { SupersededBy = by });
                Displaced++;
            }
        }
    }
}
