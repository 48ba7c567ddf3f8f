using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using PushPlatform.Kubernetes.Events;
using PushPlatform.Kubernetes.LeaderElection;

namespace PushPlatform.Kubernetes.Controllers;

/// <summary>
/// Owns every loop of the runtime. They start from the lease up to the controllers and stop the other way round: the lease is given back when nothing acts any more.
/// A loop that ends by itself is a defect: the host is brought down, so that something starts it afresh.
/// </summary>
internal sealed class OperatorHost(IServiceProvider provider, OperatorBuilder builder, OperatorHealth health) : BackgroundService
{
    private readonly List<(IHostedService Service, Func<Task?> Loop)> _started = [];

    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        // The controllers are built first: they subscribe, and an informer's subscribers must be there before its first list.
        var controllers = builder.Controllers.Select(build => build(provider)).ToList();
        var informers = builder.Informers.Select(build => build(provider)).ToList();
        health.Watch([.. informers, .. controllers]);
        if (provider.GetService<LeaderElector>() is { } elector)
        {
            await StartAsync(elector, () => elector.ExecuteTask, cancellationToken);
        }

        var events = provider.GetRequiredService<EventPublisher>();
        await StartAsync(events, () => events.ExecuteTask, cancellationToken);
        foreach (var informer in informers)
        {
            await StartAsync(informer, () => informer.ExecuteTask, cancellationToken);
        }

        foreach (var controller in controllers)
        {
            await StartAsync(controller, () => controller.ExecuteTask, cancellationToken);
        }

        await base.StartAsync(cancellationToken);
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        foreach (var (service, _) in Enumerable.Reverse(_started))
        {
            await service.StopAsync(cancellationToken);
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var loops = _started.Select(static started => started.Loop()).OfType<Task>().ToList();
        var stopped = new TaskCompletionSource();
        await using var registration = stoppingToken.Register(stopped.SetResult);
        var ended = await Task.WhenAny([stopped.Task, .. loops]);
        if (ended != stopped.Task && provider.GetRequiredService<IHostApplicationLifetime>() is { ApplicationStopping.IsCancellationRequested: false })
        {
            await ended;
            throw new InvalidOperationException("a loop of the operator ended although nobody stopped it");
        }
    }

    private async Task StartAsync(IHostedService service, Func<Task?> loop, CancellationToken cancellationToken)
    {
        await service.StartAsync(cancellationToken);
        _started.Add((service, loop));
    }
}
