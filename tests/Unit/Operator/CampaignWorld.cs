using PushPlatform.Delivery;
using PushPlatform.Delivery.Ledger;
using PushPlatform.Delivery.Membership;
using PushPlatform.Delivery.Orders;
using PushPlatform.Kubernetes.Models;
using PushPlatform.Operator.Api;
using PushPlatform.Operator.Campaigns;
using PushPlatform.Operator.Campaigns.Gates;
using PushPlatform.Operator.Campaigns.Lists;
using PushPlatform.Operator.Campaigns.Retries;
using Conflicting = PushPlatform.Operator.Campaigns.Conflicts.Rivals;
using Pace = PushPlatform.Delivery.Ledger.Pace;

namespace PushPlatform.Tests.Unit.Operator;

/// <summary>
/// API server, order book, ledger and nodes as plain data, so that the plan can be played through: observe, decide, act, status; and so that a crash
/// can be put between any two of them.
/// </summary>
internal sealed class CampaignWorld
{
    private readonly Dictionary<int, LedgerReading> _ledgers = [];
    private readonly List<Tombstone> _tombstones = [];
    private long _seq = 1000;
    private int _ids;
    private int _version;

    public DateTimeOffset Now { get; set; } = new(2026, 11, 1, 12, 0, 0, TimeSpan.Zero);

    public PushCampaign? Campaign { get; set; } = NewCampaign("uid-1");

    public CampaignMemory Memory { get; set; } = CampaignMemory.Empty;

    public Order? Order { get; set; }

    public bool PoolExists { get; set; } = true;

    public bool OtherOwnerLives { get; set; }

    public IReadOnlyList<string> Faults { get; set; } = [];

    public TargetLists? Lists { get; set; }

    /// <summary>Approvals that stand and were accepted.</summary>
    public List<PushCampaignApproval> Approvals { get; } = [];

    public long Matching { get; set; } = 32;

    /// <summary>Of those that match, connected.</summary>
    public int Online { get; set; } = 20;

    /// <summary>How old the oldest shard's count is.</summary>
    public TimeSpan PreviewAge { get; set; }

    /// <summary>Shards that the nodes have walked for the preview, and for the freeze.</summary>
    public int PreviewedShards { get; set; }

    public int OpenOnNodes { get; set; }

    /// <summary>Of those online, the ones that are not to be disturbed now.</summary>
    public int QuietOnNodes { get; set; }

    public IReadOnlyList<Tombstone> Tombstones => _tombstones;

    public CampaignStep LastStep { get; private set; } = new CampaignStep.None();

    public LedgerReading? Ledger => LedgerOf(Campaign?.Spec.Revision ?? 1);

    public PushCampaignStatus Status => Campaign!.Status;

    public static PushCampaign NewCampaign(string uid, PushCampaignSpec? spec = null, string name = "brakes") => new()
    {
        Metadata = new V1ObjectMeta { Name = name, NamespaceProperty = "fleet", Uid = uid, Generation = 1 },
        Spec = spec ?? new PushCampaignSpec { Patch = new Patch { Id = "brake", Version = "2" }, Targets = new Targets { All = true } },
    };

    /// <summary>Finds the rivals of a campaign that was observed.</summary>
    public Func<CampaignObservation, Conflicting> Rivals { get; set; } = _ => Conflicting.None;

    /// <summary>Has others end in favour of this one.</summary>
    public Action<CampaignStep.Supersede, string> Supersede { get; set; } = (_, _) => { };

    public LedgerReading? LedgerOf(int revision) => _ledgers.GetValueOrDefault(revision);

    /// <summary>A person changes the spec.</summary>
    public void Edit(Func<PushCampaignSpec, PushCampaignSpec> change) => Replace(
        Campaign!.Metadata with { Generation = Campaign.Generation() + 1 },
        change(Campaign!.Spec),
        Campaign.Status);

    /// <summary>A person says something about the campaign as it stands.</summary>
    public void Say(ApprovalVerb verb, string by, string? comment = null) => Approvals.Add(new PushCampaignApproval
    {
        Metadata = new V1ObjectMeta { Name = $"{by}-{Approvals.Count}", NamespaceProperty = "fleet", CreationTimestamp = Now },
        Spec = new PushCampaignApprovalSpec { Comment = comment },
        Status = new PushCampaignApprovalStatus
        {
            Recorded = new RecordedApproval { Campaign = Campaign!.Metadata.Name!, Verb = verb, SpecHash = Observe().SpecHash, ApprovedBy = by },
            Conditions = [new V1Condition { Type = "Accepted", Status = "True", Reason = "Accepted", Message = "" }],
        },
    });

    public void Delete() => Replace(Campaign!.Metadata with { DeletionTimestamp = Now }, Campaign.Spec, Campaign.Status);

    public void SetStatus(PushCampaignStatus status) => Replace(Campaign!.Metadata, Campaign.Spec, status);

    /// <summary>The process dies: what it only remembered is gone.</summary>
    public void Crash() => Memory = CampaignMemory.Empty;

    public CampaignObservation Observe()
    {
        PushCampaign campaign = Campaign!;
        Tombstone? latest = _tombstones.MaxBy(end => end.Revision);
        int revision = RevisionAtHand(campaign);
        LedgerReading? ledger = LedgerOf(revision);
        CampaignObservation seen = new()
        {
            Now = Now,
            Campaign = campaign,
            Faults = Faults,
            PoolExists = PoolExists,
            Sessions = PoolExists ? SessionMode.Single : null,
            Revision = revision,
            Order = Order,
            Ledger = ledger is null ? null : ledger with { RedisNow = Microseconds.From(Now) },
            Tombstone = RetryPlan.EndOf(campaign, _tombstones.Find(end => end.Revision == revision), ledger),
            LatestTombstone = latest,
            OtherOwnerLives = OtherOwnerLives,
            Nodes = [Beat()],
            Preview = [.. Enumerable.Range(0, PreviewedShards).Select(shard => Walked(shard))],
            Memory = Memory,
        };
        TargetLists? lists = CampaignObserver.NeedsLists(seen) ? Lists : null;
        string content = lists is null && campaign.Spec.Targets.VidsFrom is not null ? "" : TargetLists.ContentHashOf(campaign.Spec, lists);
        string hash = SpecHash.Of(campaign, content.Length > 0 || ledger is null ? content : ledger.ContentHash);
        seen = seen with { Lists = lists, ContentHash = content, SpecHash = hash, Approvals = ApprovalList.Of(campaign, hash, Approvals) };
        return seen with { Rivals = Rivals(seen) };
    }

    /// <summary>Lists that were read and are good.</summary>
    public static TargetLists ListsOf(string hash, params string[] vids)
    {
        var units = new VidSpool(new ListSpace());
        foreach (string vid in vids)
        {
            units.Add(vid);
        }
        units.Seal();
        return new TargetLists { Units = units, Hashes = [hash] };
    }

    /// <summary>One whole pass.</summary>
    public CampaignDecision Pass()
    {
        CampaignObservation seen = Observe();
        CampaignDecision decision = CampaignPlan.Decide(seen);
        Act(decision);
        SetStatus(CampaignStatus.Of(seen, decision.Standing));
        return decision;
    }

    /// <summary>Passes, a second apart, until nothing is to be done at once.</summary>
    public void Settle(int passes = 40)
    {
        for (int i = 0; i < passes; i++)
        {
            if (Pass().Requeue > CampaignPlan.AtOnce)
            {
                return;
            }
        }
        throw new InvalidOperationException("the plan goes round in circles");
    }

    public void Act(CampaignDecision decision)
    {
        Memory = decision.Memory;
        LastStep = decision.Step;
        switch (decision.Step)
        {
            case CampaignStep.CreateLedger create:
                // What stands is completed, not replaced.
                LedgerReading made = NewLedger(create);
                _ledgers[Campaign!.Spec.Revision] = Ledger is { } standing ? standing with { Shards = [.. standing.Shards.Zip(made.Shards, (one, fresh) => one ?? fresh)] } : made;
                break;
            case CampaignStep.Align align:
                ActPace(align.Pace);
                ActOrder(align);
                break;
            case CampaignStep.FreezeList:
                Freeze(Shards.Count, Matching);
                break;
            case CampaignStep.CountList:
                Memory = Memory with { ListCount = new ListCount(Observe().ContentHash, VidSpool.Parts, Matching, Matching, Now) };
                break;
            case CampaignStep.MoveQuota move:
                ActMove(move, Shards.Count);
                break;
            case CampaignStep.EndOpenRecords end:
                End(end.What);
                break;
            case CampaignStep.MarkCancelled:
                MarkCancelled();
                break;
            case CampaignStep.PutBack retry:
                PutBack(retry, Shards.Count);
                break;
            case CampaignStep.Reopen reopen:
                _tombstones[_tombstones.FindIndex(end => end.Revision == reopen.End.Revision)] = reopen.End with { Reopened = true };
                break;
            case CampaignStep.Finish finish:
                Finish(finish);
                break;
            case CampaignStep.Supersede supersede:
                Supersede(supersede, Campaign!.Metadata.Name!);
                break;
        }
    }

    public void ActPace(Pace? pace)
    {
        int revision = RevisionAtHand(Campaign!);
        if (pace is not null && LedgerOf(revision) is { } ledger)
        {
            _ledgers[revision] = ledger with { Pace = pace };
        }
    }

    public void ClosePace(int revision)
    {
        if (LedgerOf(revision) is { Pace: { } pace } ledger)
        {
            _ledgers[revision] = ledger with { Pace = pace with { Open = false } };
        }
    }

    /// <summary>Shares of the cap move; whoever moves them dies after so many shards were raised.</summary>
    public void ActMove(CampaignStep.MoveQuota move, int raised)
    {
        int revision = RevisionAtHand(Campaign!);
        LedgerReading ledger = LedgerOf(revision)!;
        LedgerShard[] shards = [.. ledger.Shards.Select(shard => shard!)];
        foreach ((int shard, long quota) in move.Move.Lower)
        {
            shards[shard] = shards[shard] with { Quota = Math.Max(shards[shard].Claimed, Math.Min(quota, shards[shard].Quota!.Value)) };
        }
        long free = move.Cap - shards.Sum(shard => shard.Quota!.Value);
        foreach ((int shard, long more) in move.Move.Share(free).Take(raised))
        {
            shards[shard] = shards[shard] with { Quota = shards[shard].Quota + more };
        }
        _ledgers[revision] = ledger with { Shards = shards };
    }

    /// <summary>Cars that come online are told, as far as the quotas let them: so many of each shard, and what becomes of each.</summary>
    /// <returns>How many were told.</returns>
    public long Tell(int each, Func<LedgerCounts, long, LedgerCounts> become, Func<int, bool>? shards = null)
    {
        int revision = RevisionAtHand(Campaign!);
        if (LedgerOf(revision) is not { Pace.Open: true } ledger || Order is not { Gate: Gate.Open })
        {
            return 0;
        }
        long before = ledger.Shards.Sum(shard => shard!.Claimed);
        LedgerReading after = ledger with { Shards = [.. ledger.Shards.Select(shard => shards?.Invoke(shard!.Shard) == false ? shard : Tell(shard!, each, become))] };
        _ledgers[revision] = after;
        return after.Shards.Sum(shard => shard!.Claimed) - before;
    }

    private static LedgerShard Tell(LedgerShard shard, int each, Func<LedgerCounts, long, LedgerCounts> become)
    {
        long told = Math.Min(Math.Min(each, shard.Counts.Pending), (shard.Quota ?? long.MaxValue) - shard.Claimed);
        return shard with { Claimed = shard.Claimed + told, Counts = become(shard.Counts with { Pending = shard.Counts.Pending - told }, told) };
    }

    public void ActOrder(CampaignStep.Align align)
    {
        if (align.Order is { } order && (align.PlannedFrom == (Order?.Seq ?? 0) || order.Gate == Gate.Closed))
        {
            Order = order with { Seq = ++_seq };
        }
    }

    /// <summary>The nodes fill and mark the first shards.</summary>
    public void Freeze(int shards, long targets)
    {
        int revision = Campaign!.Spec.Revision;
        if (LedgerOf(revision) is not { Frozen: false } ledger)
        {
            return;
        }
        _ledgers[revision] = ledger with
        {
            Shards = [.. ledger.Shards.Select((shard, index) => shard is { Frozen: false } && index < shards
                ? shard with { Frozen = true, Counts = LedgerCounts.Zero with { Targeted = targets / 16, Pending = targets / 16 } }
                : shard)],
        };
    }

    /// <summary>Moves records of every shard: each change is one car's.</summary>
    public void Change(Func<LedgerCounts, LedgerCounts> change, int? revision = null)
    {
        int at = revision ?? Campaign!.Spec.Revision;
        if (LedgerOf(at) is { } ledger)
        {
            _ledgers[at] = ledger with { Shards = [.. ledger.Shards.Select(shard => shard is null ? null : shard with { Counts = change(shard.Counts), Claimed = Claimed(change(shard.Counts)) })] };
        }
    }

    public void Lose(int? shard = null)
    {
        int revision = Campaign!.Spec.Revision;
        if (shard is not { } one || LedgerOf(revision) is not { } ledger)
        {
            _ledgers.Remove(revision);
            return;
        }
        _ledgers[revision] = ledger with { Shards = [.. ledger.Shards.Select((header, index) => index == one ? null : header)] };
    }

    /// <summary>Cars of each shard say that they have forgotten it, as far as they were told to.</summary>
    public void Forget(int each)
    {
        int revision = RevisionAtHand(Campaign!);
        if (Order is { Cancels: true } && LedgerOf(revision) is { Pace.Cancels: true })
        {
            Change(counts => counts with { Cancelling = counts.Cancelling - Math.Min(each, counts.Cancelling), Cancelled = counts.Cancelled + Math.Min(each, counts.Cancelling) }, revision);
        }
    }

    private void MarkCancelled()
    {
        int revision = RevisionAtHand(Campaign!);
        Change(counts => counts with { Cancelling = counts.Delivered - counts.Cancelled }, revision);
        LedgerReading ledger = LedgerOf(revision)!;
        _ledgers[revision] = ledger with { Shards = [.. ledger.Shards.Select(shard => shard is null ? null : shard with { Marked = true })] };
    }

    private static long Claimed(LedgerCounts counts) => counts.Targeted - counts.Pending + counts.PutBack - counts.Suppressed;

    private void End(EndOpen what) => Change(
        counts => what switch
        {
            EndOpen.PendingSuppressed => counts with { Suppressed = counts.Suppressed + counts.Pending, Pending = 0 },
            EndOpen.PendingExpired => counts with { Expired = counts.Expired + counts.Pending, Pending = 0 },
            _ => counts with { Expired = counts.Expired + counts.Pending + counts.InFlight, Pending = 0, InFlight = 0 },
        },
        ShutShards());

    /// <summary>A round of retries, as far as whoever carries it out comes: of each shard all that failed, or one with codes.</summary>
    public void PutBack(CampaignStep.PutBack retry, int shards)
    {
        int revision = RevisionAtHand(Campaign!);
        LedgerReading ledger = LedgerOf(revision)!;
        _ledgers[revision] = ledger with { Shards = [.. ledger.Shards.Select((shard, at) => shard is not null && at < shards ? PutBack(shard, retry) : shard)] };
    }

    private static LedgerShard PutBack(LedgerShard shard, CampaignStep.PutBack retry)
    {
        if (retry.Round <= shard.RetryDone)
        {
            return shard;
        }
        LedgerCounts counts = shard.Counts;
        long back = retry.Codes is null ? counts.Failed : Math.Min(counts.Failed, Math.Min(1, retry.Codes.Count));
        long silent = Math.Min(counts.NoAck, back);
        return shard with
        {
            Retry = retry.Round,
            RetryDone = retry.Round,
            Retried = back,
            Counts = counts with { Failed = counts.Failed - back, NoAck = counts.NoAck - silent, Pending = counts.Pending + back, PutBack = counts.PutBack + back },
        };
    }

    private int ShutShards()
    {
        int revision = RevisionAtHand(Campaign!);
        LedgerReading ledger = LedgerOf(revision)!;
        _ledgers[revision] = ledger with { Shards = [.. ledger.Shards.Select(shard => shard is null ? null : shard with { Frozen = true })] };
        return revision;
    }

    private void Finish(CampaignStep.Finish finish)
    {
        ActPace(finish.Closed);
        if (finish.Tombstone is { } tombstone && !_tombstones.Exists(end => end.Revision == tombstone.Revision && !end.Reopened))
        {
            _tombstones.RemoveAll(end => end.Revision == tombstone.Revision);
            _tombstones.Add(tombstone);
        }
        Order = null;
        _seq++;
    }

    private LedgerReading NewLedger(CampaignStep.CreateLedger create)
    {
        long? quota = create.Cap / Shards.Count;
        return new LedgerReading(
            create.LedgerId ?? $"ledger-{++_ids}", create.ContentHash, Campaign!.Uid(), create.Pace, Microseconds.From(Now), Microseconds.From(Now),
            [.. Enumerable.Range(0, Shards.Count).Select(shard => new LedgerShard(shard, false, 1, quota, 0, LedgerCounts.Zero))]);
    }

    private int RevisionAtHand(PushCampaign campaign)
    {
        int? older = CampaignObserver.OlderRevision(campaign, Order, _tombstones.MaxBy(end => end.Revision));
        bool isOpen = Order is { Cancels: true } || !_tombstones.Exists(end => end.Revision == older && !end.Reopened);
        return isOpen && older is { } revision ? revision : campaign.Spec.Revision;
    }

    private NodeBeat Beat() => new()
    {
        Node = "node-1",
        Pod = "node-1",
        Connections = 1,
        Accepting = true,
        OrderSeq = _seq,
        Orders = Order is null ? [] : [new OrderProgress(Order.CampaignId, Order.Revision, Order.Seq, Online, OpenOnNodes) { InQuietHours = QuietOnNodes }],
    };

    private PreviewShard Walked(int shard) =>
        new(Order?.CampaignId ?? "", Order?.OwnerUid ?? "", Order?.Generation ?? 0, shard, Matching / Shards.Count, Microseconds.From(shard == 0 ? Now - PreviewAge : Now));

    private void Replace(V1ObjectMeta metadata, PushCampaignSpec spec, PushCampaignStatus status) =>
        Campaign = new PushCampaign { Metadata = metadata with { ResourceVersion = $"{++_version}" }, Spec = spec, Status = status };
}
