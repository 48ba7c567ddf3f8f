using System.Security.Cryptography;
using PushPlatform.Delivery;
using PushPlatform.Delivery.Bus;
using PushPlatform.Delivery.Ledger;
using PushPlatform.Delivery.Orders;
using PushPlatform.Kubernetes.Client;
using PushPlatform.Kubernetes.LeaderElection;
using PushPlatform.Kubernetes.Models;
using PushPlatform.Operator.Api;
using PushPlatform.Operator.Campaigns.Lists;
using PushPlatform.Operator.Conditions;

namespace PushPlatform.Operator.Campaigns;

/// <summary>Does what was decided. Redis before RabbitMQ; each step may be repeated after a crash at any line.</summary>
internal sealed class CampaignActuator(
    IKubernetesClient kubernetes,
    ILeadership leadership,
    IOrderBook book,
    ILedgerControl ledgers,
    RecordEnder records,
    InstallSweep installs,
    ListedTargets listed,
    OrphanCloser orphans,
    StatusUpdate statuses,
    BusWatch bus)
{
    /// <summary>How long supervision holds without the operator (G8).</summary>
    private static readonly TimeSpan SupervisedAhead = TimeSpan.FromSeconds(60);

    /// <summary>Finished ledgers stay for questions.</summary>
    internal static readonly TimeSpan KeepFinished = TimeSpan.FromDays(90);

    private const int LedgerIdBytes = 12;

    /// <returns>What to remember for the next pass.</returns>
    /// <exception cref="StoreUnavailableException">Redis did not answer; whether it happened is unknown.</exception>
    public async Task<CampaignMemory> ActAsync(CampaignObservation seen, CampaignDecision decision, CancellationToken cancellationToken)
    {
        CampaignMemory memory = await StepAsync(seen, decision, cancellationToken);
        string ledgerId = seen.Ledger?.LedgerId ?? "";
        if (decision.Supervise && leadership.IsLeader)
        {
            await ledgers.SuperviseAsync(seen.Key, ledgerId, SupervisedAhead, cancellationToken);
        }
        return decision.SweepInstalls ? memory with { Sweep = await installs.SweepAsync(seen, memory.Sweep, cancellationToken) } : memory;
    }

    private async Task<CampaignMemory> StepAsync(CampaignObservation seen, CampaignDecision decision, CancellationToken cancellationToken)
    {
        switch (decision.Step)
        {
            case CampaignStep.CountList:
                ListCount count = await listed.CountAsync(seen, cancellationToken);
                return count.Complete ? decision.Memory with { ListCount = count, Counting = null } : decision.Memory with { Counting = count };
            case CampaignStep.CreateLedger create:
                await CreateAsync(seen, create, cancellationToken);
                break;
            case CampaignStep.Align align:
                await AlignAsync(seen, align, cancellationToken);
                break;
            case CampaignStep.FreezeList freeze:
                return decision.Memory with { ListFreeze = await listed.FreezeAsync(seen, freeze.LedgerId, cancellationToken) };
            case CampaignStep.MoveQuota move:
                await ledgers.MoveQuotaAsync(seen.Key, seen.Ledger!, move.Cap, move.Move, cancellationToken);
                break;
            case CampaignStep.EndOpenRecords end:
                await records.EndAsync(seen.Key, seen.Ledger!, end.What, cancellationToken);
                break;
            case CampaignStep.PutBack retry:
                await records.PutBackAsync(seen.Key, retry, cancellationToken);
                break;
            case CampaignStep.Reopen reopen when leadership.IsLeader:
                await ledgers.RetireAsync(seen.Key, reopen.LedgerId, keepFor: null, cancellationToken);
                await book.ReopenAsync(seen.Pool, reopen.End, reopen.Round, cancellationToken);
                break;
            case CampaignStep.Finish finish:
                await FinishAsync(seen, finish, cancellationToken);
                break;
            case CampaignStep.MarkCancelled:
                await records.MarkCancelledAsync(seen.Key, seen.Ledger!, cancellationToken);
                break;
            case CampaignStep.Supersede supersede:
                await SupersedeAsync(seen, supersede, cancellationToken);
                break;
            case CampaignStep.Retire retire:
                await ledgers.RetireAsync(seen.Key, retire.LedgerId, KeepFinished, cancellationToken);
                break;
            case CampaignStep.CloseOrphan:
                await orphans.CloseAsync(seen.Key, seen.Order, seen.Ledger, cancellationToken);
                break;
            case CampaignStep.DeleteResource:
                var precondition = new V1DeleteOptions { Preconditions = new V1Preconditions { Uid = seen.Uid } };
                await kubernetes.DeleteAsync<PushCampaign>(seen.Campaign.Name(), seen.Campaign.Namespace(), precondition, cancellationToken);
                break;
        }
        return decision.Memory;
    }

    private async Task CreateAsync(CampaignObservation seen, CampaignStep.CreateLedger create, CancellationToken cancellationToken)
    {
        string id = create.LedgerId ?? Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(LedgerIdBytes));
        var plan = new LedgerPlan(id, create.ContentHash, seen.Uid, create.ExpectedTargets, create.Cap, create.Pace);
        CreateReply reply = await ledgers.CreateAsync(seen.Key, plan, cancellationToken);
        if (reply.Outcome == CreateOutcome.Exists)
        {
            // A crash, or a leader before us, left one: complete that one.
            await ledgers.CreateAsync(seen.Key, plan with { LedgerId = reply.LedgerId }, cancellationToken);
        }
    }

    private async Task AlignAsync(CampaignObservation seen, CampaignStep.Align align, CancellationToken cancellationToken)
    {
        bool opens = align.Pace is { IsShut: false } || align.Order is { Gate: Gate.Open } or { Cancels: true };
        if (opens && !leadership.IsLeader)
        {
            return; // The pace has no fence of its own: who may no longer lead must not open what a newer leader closed.
        }
        if (align.Pace is { } pace && !await ledgers.SetPaceAsync(seen.Key, align.LedgerId, pace, cancellationToken) && opens)
        {
            return;
        }
        if (align.Order is { } order)
        {
            PutReply reply = await book.PutAsync(seen.Pool, order, align.PlannedFrom, cancellationToken);
            await AnnounceAsync(seen.Pool, reply, reply.Order, cancellationToken);
        }
    }

    private async Task SupersedeAsync(CampaignObservation seen, CampaignStep.Supersede supersede, CancellationToken cancellationToken)
    {
        foreach (PushCampaign other in supersede.Others.Where(_ => leadership.IsLeader))
        {
            // What changed meanwhile is judged anew in the next pass.
            await statuses.TryUpdateAsync<PushCampaign, PushCampaignSpec, PushCampaignStatus>(other, other.Status with { SupersededBy = seen.Campaign.Name() }, cancellationToken);
        }
    }

    private async Task FinishAsync(CampaignObservation seen, CampaignStep.Finish finish, CancellationToken cancellationToken)
    {
        if (finish.Closed is { } closed)
        {
            await ledgers.SetPaceAsync(seen.Key, finish.LedgerId, closed, cancellationToken);
        }
        if (seen.Revision < seen.Spec.Revision && finish.LedgerId.Length > 0)
        {
            // Before its end is on record: from then on nobody looks at an older revision.
            await ledgers.RetireAsync(seen.Key, finish.LedgerId, KeepFinished, cancellationToken);
        }
        PutReply reply = await book.RemoveAsync(seen.Pool, seen.Key.CampaignId, finish.Tombstone, cancellationToken);
        await AnnounceAsync(seen.Pool, reply, seen.Order is { } order ? order with { Gate = Gate.Closed, Seq = reply.Seq } : null, cancellationToken);
    }

    private async Task AnnounceAsync(PoolName pool, PutReply reply, Order? order, CancellationToken cancellationToken)
    {
        if (reply.Outcome == PutOutcome.Accepted && order is not null)
        {
            await bus.PublishAsync(pool, new OrderMessage(reply.Seq, reply.Prev, order), cancellationToken);
        }
    }
}
