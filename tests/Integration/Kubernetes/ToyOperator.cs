using System.Threading.Channels;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using PushPlatform.Kubernetes.Configuration;
using PushPlatform.Kubernetes.Controllers;

namespace PushPlatform.Tests.Integration.Kubernetes;

/// <summary>What a toy's controller was asked to do, and what it answers.</summary>
internal sealed class ToyProbe
{
    private readonly Channel<(string Call, Toy Toy)> _calls = Channel.CreateUnbounded<(string, Toy)>();

    public Func<Toy, ReconciliationResult<Toy>> OnReconcile { get; set; } = toy => ReconciliationResult<Toy>.Success(toy);

    public Func<Toy, ReconciliationResult<Toy>> OnFinalize { get; set; } = toy => ReconciliationResult<Toy>.Success(toy);

    public Func<Toy, ReconciliationResult<Toy>> OnDeleted { get; set; } = toy => ReconciliationResult<Toy>.Success(toy);

    public int Waiting => _calls.Reader.Count;

    public async Task<(string Call, Toy Toy)> NextAsync()
    {
        using var impatience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        return await _calls.Reader.ReadAsync(impatience.Token);
    }

    /// <summary>The next call of that name; others before it are let pass.</summary>
    public async Task<Toy> UntilAsync(string call, Func<Toy, bool>? where = null)
    {
        while (true)
        {
            var (name, toy) = await NextAsync();
            if (name == call && where?.Invoke(toy) != false)
            {
                return toy;
            }
        }
    }

    public Task<ReconciliationResult<Toy>> TellAsync(string call, Toy toy, Func<Toy, ReconciliationResult<Toy>> answer)
    {
        _calls.Writer.TryWrite((call, toy));
        return Task.FromResult(answer(toy));
    }
}

internal sealed class ToyController(ToyProbe probe) : IEntityController<Toy>
{
    public Task<ReconciliationResult<Toy>> ReconcileAsync(Toy entity, CancellationToken cancellationToken) => probe.TellAsync("reconcile", entity, probe.OnReconcile);

    public Task<ReconciliationResult<Toy>> DeletedAsync(Toy entity, CancellationToken cancellationToken) => probe.TellAsync("deleted", entity, probe.OnDeleted);
}

internal sealed class ToyFinalizer(ToyProbe probe) : IEntityFinalizer<Toy>
{
    public const string Identifier = "spec.example/toyfinalizer";

    public Task<ReconciliationResult<Toy>> FinalizeAsync(Toy entity, CancellationToken cancellationToken) => probe.TellAsync("finalize", entity, probe.OnFinalize);
}

/// <summary>An operator for toys, in this process.</summary>
internal sealed class ToyOperator : IAsyncDisposable
{
    private readonly IHost _host;

    private ToyOperator(IHost host) => _host = host;

    public ToyProbe Probe => _host.Services.GetRequiredService<ToyProbe>();

    public IServiceProvider Services => _host.Services;

    public static async Task<ToyOperator> StartAsync(
        KubernetesClientConfiguration configuration, string? @namespace, Action<OperatorSettings>? configure = null, Action<IControllerBuilder<Toy>>? more = null)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Logging.ClearProviders();
        builder.Services.AddSingleton<ToyProbe>();
        var controller = builder.Services.AddKubernetesOperator(settings =>
        {
            settings.Name = "toy-operator";
            settings.Client = configuration;
            settings.Namespace = @namespace;
            settings.JsonResolvers.Add(SpecJsonContext.Default);
            settings.ErrorBackoffBase = TimeSpan.FromMilliseconds(20);
            configure?.Invoke(settings);
        }).AddController<ToyController, Toy>();
        more?.Invoke(controller);
        var toyOperator = new ToyOperator(builder.Build());
        await toyOperator._host.StartAsync();
        return toyOperator;
    }

    public Task StopAsync() => _host.StopAsync();

    public Task EndedAsync() => _host.WaitForShutdownAsync().WaitAsync(TimeSpan.FromSeconds(60));

    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync();
        _host.Dispose();
    }
}
