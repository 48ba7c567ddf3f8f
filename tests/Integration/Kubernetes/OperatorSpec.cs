using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using PushPlatform.Kubernetes.Client;
using PushPlatform.Kubernetes.Controllers;
using PushPlatform.Kubernetes.Events;
using PushPlatform.Kubernetes.LeaderElection;
using PushPlatform.Kubernetes.Models;
using Shouldly;
using Xunit;

namespace PushPlatform.Tests.Integration.Kubernetes;

/// <summary>What a controller can rely on, on any API server.</summary>
public abstract class OperatorSpec(ApiServerUnderTest server) : IAsyncLifetime
{
    private string _namespace = "";

    private KubernetesClient Client { get; } = server.NewClient();

    public async ValueTask InitializeAsync() => _namespace = await server.NewNamespaceAsync();

    public ValueTask DisposeAsync()
    {
        Client.Dispose();
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task Controller_SeesWhatWasThere_WhatChanges_AndWhatGoes()
    {
        await ApplyAsync(1);
        await using var toys = await StartAsync();
        (await toys.Probe.UntilAsync("reconcile")).Spec.Replicas.ShouldBe(1);

        await ApplyAsync(2);
        (await toys.Probe.UntilAsync("reconcile")).Spec.Replicas.ShouldBe(2);

        await Client.DeleteAsync<Toy>("t", _namespace);
        (await toys.Probe.UntilAsync("deleted")).Spec.Replicas.ShouldBe(2);
    }

    [Fact]
    public async Task Controller_IsNotWokenByItsOwnStatus()
    {
        await using var toys = await StartAsync();
        await ApplyAsync(1);
        await toys.Probe.UntilAsync("reconcile");

        await Client.UpdateStatusAsync(new Toy { Metadata = { Name = "t", NamespaceProperty = _namespace }, Status = { Message = "seen" } }, "toy-operator");
        await ApplyAsync(2);

        // Had the status woken it, this would be the run with one replica and a message.
        var (call, toy) = await toys.Probe.NextAsync();
        (call, toy.Spec.Replicas, toy.Status.Message).ShouldBe(("reconcile", 2, "seen"));
    }

    [Fact]
    public async Task Controller_ThatFails_IsAskedAgainUntilItSucceeds_WithTheNewestObject()
    {
        await using var toys = await StartAsync();
        var failures = 0;
        toys.Probe.OnReconcile = toy => (toy.Spec.Replicas, Interlocked.Increment(ref failures)) switch
        {
            (7, _) => ReconciliationResult<Toy>.Success(toy),
            (_, var n) when n % 2 == 0 => throw new InvalidOperationException("not yet"),
            _ => ReconciliationResult<Toy>.Failure(toy, "not yet"),
        };
        await ApplyAsync(1);
        await Eventually.HoldsAsync(() => Task.FromResult(Volatile.Read(ref failures) >= 5));

        await ApplyAsync(7);

        await toys.Probe.UntilAsync("reconcile", toy => toy.Spec.Replicas == 7);
    }

    [Fact]
    public async Task Controller_ThatAsksToLookAgain_IsAsked_AndATerminalOneIsNot()
    {
        await using var toys = await StartAsync();
        var runs = 0;
        toys.Probe.OnReconcile = toy => Interlocked.Increment(ref runs) < 3
            ? ReconciliationResult<Toy>.Success(toy, TimeSpan.FromMilliseconds(30))
            : ReconciliationResult<Toy>.Terminal(toy, "cannot be helped");
        await ApplyAsync(1);
        for (var i = 0; i < 3; i++)
        {
            (await toys.Probe.NextAsync()).Call.ShouldBe("reconcile");
        }

        await ApplyAsync(2);

        (await toys.Probe.NextAsync()).Toy.Spec.Replicas.ShouldBe(2);
    }

    [Fact]
    public async Task Finalizer_IsThereBeforeTheFirstReconcile_AndHoldsTheObjectUntilItIsDone()
    {
        await using var toys = await StartAsync(more: controller => controller.AddFinalizer<ToyFinalizer>(ToyFinalizer.Identifier));
        var attempts = 0;
        toys.Probe.OnFinalize = toy => Interlocked.Increment(ref attempts) switch
        {
            1 => ReconciliationResult<Toy>.Failure(toy, "not yet", requeueAfter: TimeSpan.FromMilliseconds(10)),
            2 => ReconciliationResult<Toy>.Success(toy, TimeSpan.FromMilliseconds(10)),
            _ => ReconciliationResult<Toy>.Success(toy),
        };
        var toy = NewToy(1);
        toy.Metadata.Finalizers = ["spec.example/foreign"];
        await Client.CreateAsync(toy);
        (await toys.Probe.UntilAsync("reconcile")).Metadata.Finalizers.ShouldBe(["spec.example/foreign", ToyFinalizer.Identifier]);

        await Client.DeleteAsync<Toy>("t", _namespace);
        await Eventually.HoldsAsync(async () => (await Client.GetAsync<Toy>("t", _namespace))?.Metadata.Finalizers is ["spec.example/foreign"]);

        attempts.ShouldBe(3);
        await Client.PatchAsync<Toy>(V1Patch.Merge(new JsonObject { ["metadata"] = new JsonObject { ["finalizers"] = null } }), "t", _namespace);
        await toys.Probe.UntilAsync("deleted");
    }

    [Fact]
    public async Task OwnedObject_WakesItsOwner_WhenItChangesAndWhenItGoes()
    {
        await using var toys = await StartAsync(more: controller => controller.Owns<V1ConfigMap>());
        var toy = await ApplyAsync(1);
        await toys.Probe.UntilAsync("reconcile");

        var owned = new V1ConfigMap { Metadata = { Name = "owned", NamespaceProperty = _namespace, OwnerReferences = [toy.MakeOwnerReference()] } };
        await Client.CreateAsync(owned);
        await toys.Probe.UntilAsync("reconcile");
        await Client.PatchAsync<V1ConfigMap>(V1Patch.Merge(new JsonObject { ["data"] = new JsonObject { ["k"] = "v" } }), "owned", _namespace);
        await toys.Probe.UntilAsync("reconcile");
        await Client.DeleteAsync<V1ConfigMap>("owned", _namespace);
        await toys.Probe.UntilAsync("reconcile");
    }

    [Fact]
    public async Task WatchedObject_WakesWhomTheMapNames()
    {
        await using var toys = await StartAsync(more: controller => controller.Watches<V1Secret>(
            (secret, store) => store.List(secret.Namespace()).Where(toy => toy.Spec.Colour == secret.Name()).Select(toy => toy.Key())));
        var toy = NewToy(1);
        toy.Spec.Colour = "red";
        await Client.CreateAsync(toy);
        await toys.Probe.UntilAsync("reconcile");

        await Client.CreateAsync(new V1Secret { Metadata = { Name = "blue", NamespaceProperty = _namespace } });
        await Client.CreateAsync(new V1Secret { Metadata = { Name = "red", NamespaceProperty = _namespace } });

        await toys.Probe.UntilAsync("reconcile");
        toys.Probe.Waiting.ShouldBe(0);
    }

    [Fact]
    public async Task Resync_LooksAtEveryObjectNowAndThen()
    {
        await ApplyAsync(1);
        await using var toys = await StartAsync(settings => settings.ResyncPeriod = TimeSpan.FromMilliseconds(100));

        for (var i = 0; i < 4; i++)
        {
            await toys.Probe.UntilAsync("reconcile");
        }
    }

    [Fact]
    public async Task Health_IsReadyOnceTheCachesAreSynced()
    {
        await using var toys = await StartAsync();
        var health = toys.Services.GetRequiredService<IOperatorHealth>();

        await Eventually.HoldsAsync(() => Task.FromResult(health.Ready().IsHealthy));

        health.Live().Faults.ShouldBeEmpty();
    }

    [Fact]
    public async Task Events_TellTheStory_AndRepetitionIsACount()
    {
        await using var toys = await StartAsync();
        var toy = await ApplyAsync(1);
        var events = toys.Services.GetRequiredService<IEventPublisher>();

        events.Publish(toy, "Painted", "The toy is red now.");
        events.Publish(toy, "Painted", "The toy is red now.");
        events.Publish(toy, "PaintMissing", new string('ü', 2000), EventType.Warning, "Paint");

        await Eventually.HoldsAsync(async () => (await EventsAsync()).Exists(e => e.Reason == "Painted" && e.Series?.Count == 2));
        await Eventually.HoldsAsync(async () => (await EventsAsync()).Count == 2);
        var missing = (await EventsAsync()).Single(e => e.Reason == "PaintMissing");
        (missing.Type, missing.Action, missing.ReportingController).ShouldBe(("Warning", "Paint", "toy-operator"));
        missing.Regarding.ShouldNotBeNull().Uid.ShouldBe(toy.Uid());
        missing.Note.ShouldNotBeNull().ShouldEndWith("ü…");

        async Task<List<Eventsv1Event>> EventsAsync() => [.. (await Client.ListAsync<Eventsv1Event>(_namespace)).Items];
    }

    [Fact]
    public async Task Leadership_IsHandedOnAtOnceWhenTheLeaderStops()
    {
        await ApplyAsync(1);
        await using var first = await StartAsync(Elect);
        await first.Probe.UntilAsync("reconcile");
        await using var second = await StartAsync(Elect);
        var health = second.Services.GetRequiredService<IOperatorHealth>();
        await Eventually.HoldsAsync(() => Task.FromResult(health.Ready().IsHealthy));
        second.Probe.Waiting.ShouldBe(0);
        second.Services.GetRequiredService<ILeadership>().IsLeader.ShouldBeFalse();

        var began = System.Diagnostics.Stopwatch.StartNew();
        await first.StopAsync();
        await second.Probe.UntilAsync("reconcile");

        // A lease that was not released would have been waited for.
        began.Elapsed.ShouldBeLessThan(TimeSpan.FromSeconds(30));
        var lease = (await Client.GetAsync<V1Lease>("toy-operator-leader", _namespace)).ShouldNotBeNull();
        lease.Spec.ShouldNotBeNull().LeaseTransitions.ShouldBe(1);
    }

    [Fact]
    public async Task Leadership_TakenAway_EndsTheProcess()
    {
        await using var toys = await StartAsync(Elect);
        var leadership = toys.Services.GetRequiredService<ILeadership>();
        var lost = await leadership.WaitUntilLeadingAsync(CancellationToken.None).WaitAsync(TimeSpan.FromSeconds(30));

        try
        {
            await Client.PatchAsync<V1Lease>(
                V1Patch.Merge(new JsonObject { ["spec"] = new JsonObject { ["holderIdentity"] = "a thief" } }), "toy-operator-leader", _namespace);
            await toys.EndedAsync();

            Environment.ExitCode.ShouldBe(1);
            lost.IsCancellationRequested.ShouldBeTrue();
            leadership.IsLeader.ShouldBeFalse();
        }
        finally
        {
            Environment.ExitCode = 0;
        }

        (await Client.GetAsync<V1Lease>("toy-operator-leader", _namespace)).ShouldNotBeNull().Spec!.HolderIdentity.ShouldBe("a thief");
    }

    private void Elect(OperatorSettings settings)
    {
        settings.LeaderElection = LeaderElectionType.Single;
        settings.LeaderElectionNamespace = _namespace;
        settings.LeaseDuration = TimeSpan.FromSeconds(60);
        settings.RenewDeadline = TimeSpan.FromSeconds(40);
        settings.RetryPeriod = TimeSpan.FromMilliseconds(100);
    }

    private Task<ToyOperator> StartAsync(Action<OperatorSettings>? configure = null, Action<IControllerBuilder<Toy>>? more = null) =>
        ToyOperator.StartAsync(server.Configuration, _namespace, configure, more);

    private Task<Toy> ApplyAsync(int replicas) => Client.ApplyAsync(NewToy(replicas), "spec");

    private Toy NewToy(int replicas) => new() { Metadata = { Name = "t", NamespaceProperty = _namespace }, Spec = { Replicas = replicas } };
}

public sealed class LocalClusterOperatorSpec(LocalClusterUnderTest server) : OperatorSpec(server), IClassFixture<LocalClusterUnderTest>;
