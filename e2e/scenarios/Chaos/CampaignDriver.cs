using System.Text.Json.Nodes;
using PushPlatform.Delivery;
using PushPlatform.Delivery.Ledger;
using PushPlatform.Kubernetes.Client;
using PushPlatform.Kubernetes.Models;
using PushPlatform.Operator.Api;
using PushPlatform.Scenarios.Stages;
using Pace = PushPlatform.Operator.Api.Pace;

namespace PushPlatform.Scenarios.Chaos;

/// <summary>What people do to one campaign in a schedule, and what they have to expect of it then.</summary>
internal sealed class CampaignDriver(Stage stage, Schedule schedule, CampaignPlan plan, Chronicle chronicle, TimeProvider time) : IDisposable
{
    private const int First = 1;

    // A person writes one thing after the other.
    private readonly SemaphoreSlim _turn = new(1);
    private TimeSpan? _suspendedAt;

    public CampaignPlan Plan => plan;

    /// <summary>The revision that stands in the spec.</summary>
    public int Revision { get; private set; } = First;

    public bool Aborted { get; private set; }

    public bool Cancelled { get; private set; }

    /// <summary>The cars that had failed when such cars were to be tried again; null until then.</summary>
    public IReadOnlySet<string>? TriedAgain { get; private set; }

    /// <summary>When the resource was made anew after its deletion.</summary>
    public TimeSpan? RecreatedAt { get; private set; }

    /// <summary>When the ledger of the first revision was destroyed.</summary>
    public TimeSpan? LostAt { get; private set; }

    public async Task DoAsync(ChaosAction action, CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken);
        try
        {
            await (action switch
            {
                ChaosAction.Apply => ApplyAsync(cancellationToken),
                ChaosAction.Suspend => SuspendAsync(cancellationToken),
                ChaosAction.Resume => ResumeAsync(cancellationToken),
                ChaosAction.Abort => AbortAsync(cancellationToken),
                ChaosAction.Cancel => CancelAsync(cancellationToken),
                ChaosAction.Retry => RetryAsync(cancellationToken),
                ChaosAction.Recreate => RecreateAsync(cancellationToken),
                ChaosAction.RaiseRevision => RaiseRevisionAsync(cancellationToken),
                _ => LoseLedgerAsync(action == ChaosAction.LedgerLost, cancellationToken),
            });
        }
        finally
        {
            _turn.Release();
        }
    }

    public void Dispose() => _turn.Dispose();

    public string DeliveryOf(int revision) => $"{Manifests.Namespace}/{plan.Name}#{revision}";

    public Task<PushCampaign?> ReadAsync(CancellationToken cancellationToken) => stage.CampaignAsync(plan.Name, cancellationToken);

    public async Task RaiseRevisionAsync(CancellationToken cancellationToken)
    {
        await PatchAsync(new JsonObject { ["revision"] = ++Revision }, cancellationToken);
        chronicle.Stopped(new Stop(DeliveryOf(Revision - 1), chronicle.Now, null, $"revision {Revision} was asked for"));
    }

    private async Task ApplyAsync(CancellationToken cancellationToken)
    {
        TimeSpan begin = chronicle.Now;
        PushCampaign campaign = Resource();
        await stage.ApplyAsync(campaign, cancellationToken);
        if (plan.OnHold)
        {
            _suspendedAt = begin;
        }
        if (campaign.Spec.Schedule?.ExpireAt is { } end)
        {
            chronicle.Stopped(new Stop(DeliveryOf(First), chronicle.Now + (end - time.GetUtcNow()), null, "it expired"));
        }
    }

    private async Task SuspendAsync(CancellationToken cancellationToken)
    {
        await PatchAsync(new JsonObject { ["suspend"] = true }, cancellationToken);
        _suspendedAt = chronicle.Now;
    }

    private async Task ResumeAsync(CancellationToken cancellationToken)
    {
        TimeSpan resumed = chronicle.Now;
        await PatchAsync(new JsonObject { ["suspend"] = false }, cancellationToken);
        if (_suspendedAt is { } since)
        {
            chronicle.Stopped(new Stop(DeliveryOf(Revision), since, resumed, plan.OnHold ? "it was applied on hold" : "it was suspended", AtOnce: plan.OnHold));
        }
    }

    private async Task AbortAsync(CancellationToken cancellationToken)
    {
        await PatchAsync(new JsonObject { ["abort"] = true }, cancellationToken);
        Aborted = true;
        chronicle.Stopped(new Stop(DeliveryOf(Revision), chronicle.Now, null, "it was aborted"));
    }

    private async Task CancelAsync(CancellationToken cancellationToken)
    {
        await PatchAsync(new JsonObject { ["cancel"] = true }, cancellationToken);
        Cancelled = true;
        chronicle.Stopped(new Stop(DeliveryOf(Revision), chronicle.Now, null, "it was cancelled"));
    }

    private async Task RetryAsync(CancellationToken cancellationToken)
    {
        TriedAgain = await FailedAsync(cancellationToken);
        await PatchAsync(new JsonObject { ["retry"] = new JsonObject { ["round"] = 1 } }, cancellationToken);
    }

    /// <summary>Those that have failed by now as far as that can be asked: nobody while Redis is away.</summary>
    private async Task<HashSet<string>> FailedAsync(CancellationToken cancellationToken)
    {
        await using LedgerAndCars ledgers = await LedgerAndCars.OpenAsync(stage, time, cancellationToken);
        HashSet<string> failed = [];
        try
        {
            await foreach (DeliveryRecord record in ledgers.Store.Control.ScanAsync(LedgerAndCars.KeyOf(Resource()), cancellationToken))
            {
                if (record.State == DeliveryState.Failed)
                {
                    failed.Add(record.Vid);
                }
            }
        }
        catch (StoreUnavailableException)
        {
            return [];
        }
        return failed;
    }

    private async Task RecreateAsync(CancellationToken cancellationToken)
    {
        await stage.Kubernetes.DeleteAsync<PushCampaign>(plan.Name, Manifests.Namespace, cancellationToken: cancellationToken);
        TimeSpan deleted = chronicle.Now;
        await stage.UntilAsync($"{plan.Name} to be gone", async token => await ReadAsync(token) is null, cancellationToken);
        RecreatedAt = chronicle.Now;
        chronicle.Stopped(new Stop(DeliveryOf(First), deleted, RecreatedAt, "it was deleted"));
        await stage.ApplyAsync(Resource(), cancellationToken);
    }

    private async Task LoseLedgerAsync(bool whole, CancellationToken cancellationToken)
    {
        // What does not stand yet cannot be lost, and on a busy machine the ledger may come late.
        await stage.UntilAsync($"{plan.Name} to be on its way", _ => Task.FromResult(chronicle.Copies.Any(copy => copy.Delivery == DeliveryOf(First))), cancellationToken);
        string keys = $"push:{{{LedgerAndCars.KeyOf(Resource())}{(whole ? "*" : ":0}*")}";
        await stage.Redis.CommandAsync($"EVAL \"for _, key in ipairs(redis.call('KEYS', ARGV[1])) do redis.call('DEL', key) end\" 0 {keys}", cancellationToken);
        LostAt = chronicle.Now;
        chronicle.Stopped(new Stop(DeliveryOf(First), chronicle.Now, null, whole ? "its ledger was lost" : "a shard of its ledger was lost", Guarantee: "G9"));
    }

    private Task PatchAsync(JsonObject spec, CancellationToken cancellationToken) => stage.Kubernetes.PatchAsync<PushCampaign>(
        V1Patch.Merge(new JsonObject { ["spec"] = spec }), plan.Name, Manifests.Namespace, cancellationToken: cancellationToken);

    private PushCampaign Resource() => new()
    {
        Metadata = new V1ObjectMeta { Name = plan.Name, NamespaceProperty = Manifests.Namespace },
        Spec = new PushCampaignSpec
        {
            // Each its own patch: of one patch they would wait for each other.
            Patch = new Patch { Id = plan.Name, Version = $"{schedule.Seed}.0" },
            Targets = Targets(),
            Pace = new Pace { MaxPerSecond = plan.MaxPerSecond },
            Delivery = new DeliverySettings { AckTimeoutSeconds = Schedule.AckTimeoutSeconds, MaxAttempts = Schedule.MaxAttempts },
            Schedule = plan.ExpiresAfterSeconds is { } seconds ? new PushPlatform.Operator.Api.Schedule { ExpireAt = time.GetUtcNow().AddSeconds(seconds) } : null,
            Suspend = plan.OnHold,
        },
    };

    private Targets Targets()
    {
        Dictionary<string, string> labels = new() { ["schedule"] = $"{schedule.Seed}" };
        if (plan.Audience is Audience.ModelA or Audience.ModelB)
        {
            labels["model"] = plan.Audience == Audience.ModelA ? "a" : "b";
        }
        bool listed = plan.Audience == Audience.Listed;
        return new Targets
        {
            Vids = listed ? [.. schedule.VidsOf(plan, Presence.Connected, Presence.Newcomer)] : null,
            Selector = listed ? null : new TargetSelector { MatchLabels = labels },
            NewVehicles = plan.NewVehicles,
            MaxRecipients = plan.Cap,
        };
    }
}
