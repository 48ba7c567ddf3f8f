using System.Collections.Concurrent;
using PushPlatform.Kubernetes.Models;
using PushPlatform.Operator.Api;
using PushPlatform.Scenarios.Stages;
using PushPlatform.VehicleClient;
using Shouldly;
using Xunit;

namespace PushPlatform.Tests.Integration.Stages;

/// <summary>A notice is taken back through operator and node as they are shipped, from cars with the client library.</summary>
public sealed class TakenBackStoryTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task FourWereTold_OneHasInstalledIt_OneIsTooLateForIt_OneIsAway_AndEachSaysWhatBecameOfIt()
    {
        await using Stage stage = await Stage.SetUpAsync(new StageOptions(), Token);
        await using TestCar forgets = new(stage, "forgets", DeliveryReport.Received, (_, _) => ValueTask.FromResult(true));
        await using TestCar has = new(stage, "has", DeliveryReport.Installed, (_, _) => ValueTask.FromResult(true));
        await using TestCar late = new(stage, "late", DeliveryReport.Received, async (car, delivery) =>
        {
            await car.ReportAsync(delivery, DeliveryStatus.Installed, cancellationToken: Token);
            return false;
        });
        await using TestCar away = new(stage, "away", DeliveryReport.Received, (_, _) => ValueTask.FromResult(true));
        await Task.WhenAll(forgets.ComeAsync(), has.ComeAsync(), late.ComeAsync(), away.ComeAsync());
        await stage.ApplyAsync(Campaign(cancel: false), Token);
        await UntilAsync(stage, "all four to be told", counts => counts.Delivered == 4);
        await away.LeaveAsync();

        await stage.ApplyAsync(Campaign(cancel: true), Token);
        await UntilAsync(stage, "those that are there to answer", counts => counts is { Cancelled: 1, Cancelling: 1 });
        (forgets.Asked.Count, has.Asked.Count, late.Asked.Count, away.Asked.Count).ShouldBe((1, 0, 1, 0), "what is installed is installed");

        await away.ComeAsync();
        await UntilAsync(stage, "the one that was away to forget it", counts => counts is { Cancelled: 2, Cancelling: null or 0 });
        away.Asked.ShouldHaveSingleItem();
        new[] { forgets, has, late, away }.ShouldAllBe(car => car.Told.Count == 1);
    }

    private static Task UntilAsync(Stage stage, string what, Func<CampaignCounts, bool> condition) => stage.UntilAsync(
        what, async token => (await stage.CampaignAsync("brakes", token))?.Status?.Counts is { } counts && condition(counts), Token);

    private static PushCampaign Campaign(bool cancel) => new()
    {
        Metadata = new V1ObjectMeta { Name = "brakes", NamespaceProperty = Manifests.Namespace },
        Spec = new PushCampaignSpec
        {
            PoolRef = new() { Name = Manifests.Pool },
            Patch = new() { Id = "brake-ecu", Version = "4.2.1" },
            Targets = new() { All = true },
            Cancel = cancel,
        },
    };

    /// <summary>A car that keeps what it knows when it leaves.</summary>
    private sealed class TestCar(Stage stage, string vid, DeliveryReport answer, Func<VehicleConnection, string, ValueTask<bool>> onCancel) : IAsyncDisposable
    {
        private readonly InMemoryDeliveryStore _store = new();
        private CancellationTokenSource? _leave;
        private Task _running = Task.CompletedTask;

        public ConcurrentQueue<string> Told { get; } = [];

        public ConcurrentQueue<string> Asked { get; } = [];

        public async Task ComeAsync()
        {
            TaskCompletionSource connected = new(TaskCreationOptions.RunContinuationsAsynchronously);
            VehicleConnection? connection = null;
            connection = new VehicleConnection(new VehicleOptions
            {
                Vid = vid,
                Endpoints = [stage.VehicleEndpoint],
                Store = _store,
                OnConnected = _ => connected.TrySetResult(),
                OnPush = (push, _) =>
                {
                    Told.Enqueue(push.Delivery);
                    return ValueTask.FromResult(answer);
                },
                OnCancel = (delivery, _) =>
                {
                    Asked.Enqueue(delivery);
                    return onCancel(connection!, delivery);
                },
            });
            _leave = new CancellationTokenSource();
            _running = RunAsync(connection, _leave.Token);
            await connected.Task.WaitAsync(Token);
        }

        public async Task LeaveAsync()
        {
            await _leave!.CancelAsync();
            await _running;
            _leave.Dispose();
        }

        public ValueTask DisposeAsync() => new(_leave is { IsCancellationRequested: false } ? LeaveAsync() : Task.CompletedTask);

        private static async Task RunAsync(VehicleConnection connection, CancellationToken leave)
        {
            using (connection)
            {
                await connection.RunAsync(leave);
            }
        }
    }
}
