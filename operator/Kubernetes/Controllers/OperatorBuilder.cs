using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using PushPlatform.Kubernetes.Client;
using PushPlatform.Kubernetes.Configuration;
using PushPlatform.Kubernetes.Events;
using PushPlatform.Kubernetes.Informers;
using PushPlatform.Kubernetes.LeaderElection;
using PushPlatform.Kubernetes.Models;

namespace PushPlatform.Kubernetes.Controllers;

public static class OperatorServiceCollectionExtensions
{
    /// <summary>
    /// Adds <see cref="IKubernetesClient"/>, <see cref="IEventPublisher"/>, <see cref="ILeadership"/>, <see cref="IOperatorHealth"/> and the runtime;
    /// controllers are added to what is returned. Call it once per host.
    /// </summary>
    public static IOperatorBuilder AddKubernetesOperator(this IServiceCollection services, Action<OperatorSettings>? configure = null)
    {
        var settings = new OperatorSettings();
        configure?.Invoke(settings);
        var builder = new OperatorBuilder(services, settings);
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton(settings);
        services.AddSingleton(builder);
        services.AddSingleton<KubernetesMetrics>();
        services.AddSingleton(new KubernetesJson(settings.JsonResolvers));
        services.AddSingleton(provider => settings.Client ?? KubeConfigLoader.LoadDefault(provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton(static provider => new ApiContact(
            provider.GetRequiredService<KubernetesClientConfiguration>().Host.Authority,
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<ILogger<ApiContact>>()));
        services.AddSingleton<IKubernetesClient>(static provider => new KubernetesClient(
            provider.GetRequiredService<KubernetesClientConfiguration>(),
            provider.GetRequiredService<KubernetesJson>(),
            provider.GetRequiredService<KubernetesMetrics>(),
            provider.GetRequiredService<ILogger<KubernetesClient>>(),
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<ApiContact>()));
        services.AddSingleton(provider => new EventPublisher(
            provider.GetRequiredService<IKubernetesClient>(),
            settings.Name,
            Environment.MachineName,
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<KubernetesMetrics>(),
            provider.GetRequiredService<ILogger<EventPublisher>>()));
        services.AddSingleton<IEventPublisher>(static provider => provider.GetRequiredService<EventPublisher>());
        AddLeadership(services, settings);
        services.AddSingleton<OperatorHealth>();
        services.AddSingleton<IOperatorHealth>(static provider => provider.GetRequiredService<OperatorHealth>());
        services.AddHostedService<OperatorHost>();
        return builder;
    }

    private static void AddLeadership(IServiceCollection services, OperatorSettings settings)
    {
        if (settings.LeaderElection == LeaderElectionType.None)
        {
            services.AddSingleton<ILeadership, SoleLeader>();
            return;
        }

        services.AddSingleton(provider =>
        {
            var time = provider.GetRequiredService<TimeProvider>();
            var @namespace = settings.LeaderElectionNamespace ?? provider.GetRequiredService<KubernetesClientConfiguration>().Namespace;
            var lease = new LeaseLock(
                provider.GetRequiredService<IKubernetesClient>(),
                @namespace,
                $"{settings.Name}-leader",
                $"{Environment.MachineName}_{Guid.NewGuid()}",
                settings.LeaseDuration,
                time);
            var elector = new LeaderElector(
                lease,
                new LeaseTimings(settings.RenewDeadline, settings.RetryPeriod),
                provider.GetRequiredService<IHostApplicationLifetime>(),
                time,
                provider.GetRequiredService<ILogger<LeaderElector>>());
            provider.GetRequiredService<KubernetesMetrics>().ObserveLeadership($"{settings.Name}-leader", () => elector.IsLeader);
            return elector;
        });
        services.AddSingleton<ILeadership>(static provider => provider.GetRequiredService<LeaderElector>());
    }
}

/// <summary>What was registered; <see cref="OperatorHost"/> builds it when the host starts.</summary>
internal sealed class OperatorBuilder(IServiceCollection services, OperatorSettings settings) : IOperatorBuilder
{
    private readonly Dictionary<Type, string?> _selectors = [];
    private readonly HashSet<Type> _controlled = [];

    public IServiceCollection Services => services;

    public OperatorSettings Settings => settings;

    public List<Func<IServiceProvider, IInformer>> Informers { get; } = [];

    public List<Func<IServiceProvider, IControllerHost>> Controllers { get; } = [];

    public IControllerBuilder<TEntity> AddController<TController, TEntity>()
        where TController : class, IEntityController<TEntity>
        where TEntity : class, IKubernetesObject<V1ObjectMeta>
    {
        if (!_controlled.Add(typeof(TEntity)))
        {
            throw new InvalidOperationException($"{typeof(TEntity).Name} has a controller already: two would undo each other's work");
        }

        AddInformer<TEntity>();
        services.AddScoped<TController>();
        var registration = new ControllerRegistration<TEntity>(static provider => provider.GetRequiredService<TController>());
        Controllers.Add(registration.Build);
        return new ControllerBuilder<TEntity>(this, registration);
    }

    public IOperatorBuilder AddInformer<TEntity>(string? labelSelector = null)
        where TEntity : class, IKubernetesObject<V1ObjectMeta>
    {
        if (_selectors.TryGetValue(typeof(TEntity), out var known))
        {
            return known == labelSelector
                ? this
                : throw new InvalidOperationException($"{typeof(TEntity).Name} is already watched with the label selector '{known}', not '{labelSelector}'");
        }

        _selectors.Add(typeof(TEntity), labelSelector);
        services.AddSingleton(provider => new Informer<TEntity>(
            provider.GetRequiredService<IKubernetesClient>(),
            settings.Namespace,
            labelSelector,
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<KubernetesMetrics>(),
            provider.GetRequiredService<ILogger<Informer<TEntity>>>()));
        services.AddSingleton<IEntityStore<TEntity>>(static provider => provider.GetRequiredService<Informer<TEntity>>().Store);
        Informers.Add(static provider => provider.GetRequiredService<Informer<TEntity>>());
        return this;
    }
}
