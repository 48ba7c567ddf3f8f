using PushPlatform.Delivery.Bus;
using PushPlatform.Delivery.Redis;
using PushPlatform.Delivery.Telemetry;
using PushPlatform.Kubernetes.Controllers;
using PushPlatform.Kubernetes.Informers;
using PushPlatform.Kubernetes.Models;
using PushPlatform.Operator.Api;
using PushPlatform.Operator.Approvals;
using PushPlatform.Operator.Campaigns;
using PushPlatform.Operator.Campaigns.Conflicts;
using PushPlatform.Operator.Campaigns.Lists;
using PushPlatform.Operator.Conditions;
using PushPlatform.Operator.Inquiry;
using PushPlatform.Operator.Loops;
using PushPlatform.Operator.Pools;
using PushPlatform.Operator.Telemetry;

namespace PushPlatform.Operator.Hosting;

/// <summary>Puts the operator together.</summary>
internal static class OperatorServices
{
    public static void AddOperator(this IServiceCollection services, OperatorOptions options, Action<OperatorSettings>? configure = null)
    {
        services.AddRedisDelivery(options.Redis);
        services.AddOrderBus(_ => (options.RabbitMq, "push-operator"));
        services.AddSingleton(options.Nodes);
        services.AddSingleton(options.ListUrls);
        services.AddPushTelemetry(options.Telemetry, new TelemetryIdentity("push-operator", Environment.MachineName, new Dictionary<string, object>()));
        services.AddDecisions();
        services.AddInquiries();
        IOperatorBuilder kubernetes = services.AddKubernetesOperator(settings =>
        {
            settings.Name = "push-operator";
            settings.Namespace = options.Namespace;
            settings.LeaderElection = LeaderElectionType.Single;
            settings.LeaderElectionNamespace = options.PodNamespace;
            settings.JsonResolvers.Add(ApiJsonContext.Default);
            settings.JsonResolvers.Add(ReviewJsonContext.Default);
            // A campaign's pass is awaited by a person: a broken API server is tried again within seconds, not minutes.
            settings.ErrorBackoffCap = TimeSpan.FromSeconds(15);
            settings.MaxParallelReconciliations = 16;
            configure?.Invoke(settings);
        });
        kubernetes.AddController<CampaignController, PushCampaign>()
            .AddFinalizer<CampaignFinalizer>(CampaignFinalizer.Identifier)
            .Watches<PushPool>(CampaignsOf)
            .Watches<PushCampaignApproval>(CampaignOf);
        kubernetes.AddController<ApprovalController, PushCampaignApproval>();
        kubernetes.AddController<PoolController, PushPool>()
            .Owns<V1Deployment>(PoolManifests.PoolLabel)
            .Owns<V1Service>(PoolManifests.PoolLabel);
    }

    /// <summary>Everything that decides and acts, whatever it runs on.</summary>
    public static void AddDecisions(this IServiceCollection services)
    {
        services.AddSingleton<CampaignMetrics>();
        services.AddSingleton<IdentityProof>();
        services.AddSingleton<BusWatch>();
        services.AddSingleton<CampaignDesk>();
        services.AddLists();
        services.AddSingleton<ListedTargets>();
        services.AddSingleton<RecordEnder>();
        services.AddSingleton<InstallSweep>();
        services.AddSingleton<OrphanCloser>();
        services.AddSingleton<RivalReader>();
        services.AddSingleton<CampaignObserver>();
        services.AddSingleton<CampaignActuator>();
        services.AddSingleton<StatusUpdate>();
        services.AddSingleton<PoolConnections>();
        services.AddSingleton<PoolScaling>();
        services.AddSingleton<PoolSecrets>();
        services.AddSingleton<StatusWriter>();
        services.AddSingleton<CampaignPass>();
        services.AddSingleton<RedisInspection>();
        services.AddHostedService(provider => provider.GetRequiredService<RedisInspection>());
        services.AddHostedService<Ticks>();
        services.AddHostedService<OrphanedOrders>();
    }

    private static void AddLists(this IServiceCollection services)
    {
        services.AddSingleton(_ => new ListSpace());
        services.AddSingleton(provider => new ListDownload(ListDownload.NewClient(), provider.GetRequiredService<ListUrls>(), provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton<ListSources>();
        services.AddSingleton<ListReader>();
        services.AddHostedService(provider => provider.GetRequiredService<ListReader>());
    }

    private static IEnumerable<NamespacedName> CampaignOf(PushCampaignApproval approval, IEntityStore<PushCampaign> campaigns) =>
        approval.Status.Recorded is { } recorded ? [new NamespacedName(approval.Namespace()!, recorded.Campaign)] : [];

    private static IEnumerable<NamespacedName> CampaignsOf(PushPool pool, IEntityStore<PushCampaign> campaigns) =>
        campaigns.List(pool.Namespace()).Where(campaign => campaign.Spec.PoolRef.Name == pool.Name()).Select(campaign => campaign.Key());
}
