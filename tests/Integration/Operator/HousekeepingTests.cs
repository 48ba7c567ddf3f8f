using System.Net;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using PushPlatform.Delivery;
using PushPlatform.Delivery.Bus;
using PushPlatform.Delivery.Ledger;
using PushPlatform.Delivery.Membership;
using PushPlatform.Delivery.Orders;
using PushPlatform.Operator.Campaigns;
using PushPlatform.Tests.Integration.Delivery;
using PushPlatform.Tests.Integration.Kubernetes;
using PushPlatform.Tests.Integration.PushNode.Orders;
using Shouldly;
using StackExchange.Redis;
using Xunit;

namespace PushPlatform.Tests.Integration.Operator;

/// <summary>What the operator does besides pushing: tidying up, ticking, saying what is unfit, and letting go. On a Redis of its own, which it silences.</summary>
public sealed class HousekeepingTests(SingleRedis redis) : IClassFixture<SingleRedis>, IAsyncLifetime
{
    private readonly InMemoryOrderBus _bus = new();
    private OperatorStage _stage = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _stage = await OperatorStage.StartAsync(redis, bus: _bus);

    public ValueTask DisposeAsync() => _stage.DisposeAsync();

    [Fact]
    public async Task AFinishedCampaign_GoesWhenItsTimeIsOver()
    {
        (_, Car[] cars) = await PoolWithCarsAsync(5);
        await _stage.StartOperatorAsync();
        await _stage.CreateCampaignAsync(new() { ["ttlSecondsAfterFinished"] = 1 });

        await TestPool.UntilAsync(async () => await _stage.CampaignAsync() is null, "it is deleted");

        cars.ShouldAllBe(car => car.Pushes == 1);
        (await TombstoneAsync()).ShouldNotBeNull().Outcome.ShouldBe(CampaignOutcome.Completed);
    }

    [Fact]
    public async Task AnOrderWhoseResourceWasTakenAwayByForce_IsClosed()
    {
        await OrphanAsync();

        await _stage.StartOperatorAsync();
        await TestPool.UntilAsync(async () => (await redis.Store.Orders.ReadAsync(_stage.Pool, Token)).Orders.Count == 0, "the order is closed");

        Tombstone end = (await TombstoneAsync()).ShouldNotBeNull();
        (end.Outcome, end.Reason, end.Counts.Expired).ShouldBe((CampaignOutcome.Aborted, "OwnerGone", 1));
        var campaign = new CampaignKey(_stage.Pool, end.CampaignId, 1);
        (await redis.Store.Control.ReadAsync(campaign, Token))!.Pace!.Open.ShouldBeFalse();
    }

    [Fact]
    public async Task AnOrphanWhoseRecordsTakeSeveralPasses_IsClosedInOneTurn()
    {
        await OrphanAsync();
        var watch = new SlowWatch(3);

        await _stage.StartOperatorAsync(change: services => services.AddSingleton(
            provider => new RecordEnder(provider.GetRequiredService<ILedgerControl>(), provider.GetRequiredService<IDeliveryLedger>(), watch)));
        await TestPool.UntilAsync(async () => (await redis.Store.Orders.ReadAsync(_stage.Pool, Token)).Orders.Count == 0, "the order is closed before the next turn, a minute later");

        watch.Slow.ShouldBe(0);
        (await TombstoneAsync()).ShouldNotBeNull().Counts.Expired.ShouldBe(1);
    }

    [Fact]
    public async Task Ticks_GoOut_WithTheOperatorsHeartbeat()
    {
        await _stage.CreatePoolAsync();
        Task ticks = SeeTicksAsync(3);
        await _stage.StartOperatorAsync();

        await ticks.WaitAsync(TimeSpan.FromSeconds(25), Token);
        (await OperatorAgeAsync()).ShouldNotBeNull();
    }

    [Fact]
    public async Task TicksThatNoBrokerTakes_HoldTheHeartbeatBack_OrEveryNodeWouldRebuildABusThatIsNotAtFault()
    {
        (_, Car[] cars) = await PoolWithCarsAsync(1);
        _bus.Down = true;
        await _stage.StartOperatorAsync();
        await _stage.CreateCampaignAsync();
        await _stage.UntilPhaseAsync("Completed");

        cars[0].Pushes.ShouldBe(1);
        (await OperatorAgeAsync()).ShouldBeNull();
    }

    [Fact]
    public async Task CarsThatReceiveAndNeverInstall_FailWhenTheirTimeIsOver()
    {
        // Seconds that no spec may ask for: the shortest is a minute.
        (_, Car[] cars) = await PoolWithCarsAsync(3, real => new BreakableLedger(real) { InstallTimeoutSeconds = 1 });
        await _stage.StartOperatorAsync();
        await _stage.CreateCampaignAsync(new()
        {
            ["delivery"] = new JsonObject { ["ackLevel"] = "Installed", ["installTimeoutSeconds"] = 60 },
        });

        await TestPool.UntilAsync(() => cars.All(car => car.Pushes == 1), "every car is told");
        await TestPool.UntilAsync(async () => await _stage.CountAsync("failed") == 3, "every car has failed");
        // The node counts them as open until its next round over its cars, half a minute later at most.
        await Eventually.HoldsAsync(async () => (await _stage.CampaignAsync())!["status"]!["phase"]!.GetValue<string>() == "Completed");

        cars.ShouldAllBe(car => car.Pushes == 1);
        await _stage.UntilConditionAsync("Complete", "Failed");
        await _stage.AuditAsync();
    }

    [Fact]
    public async Task DeletedWhileRedisIsSilent_GoesAfterThirtySeconds_AndWarns()
    {
        (_, Car[] cars) = await PoolWithCarsAsync(3);
        cars[0].Link.Leave();
        IHost first = await _stage.StartOperatorAsync();
        await _stage.CreateCampaignAsync();
        await _stage.UntilPhaseAsync("CatchingUp");
        await _stage.StopOperatorAsync(first);

        await redis.Raw.GetDatabase().ExecuteAsync("CLIENT", "PAUSE", "8000");
        await _stage.DeleteCampaignAsync();
        (await _stage.CampaignAsync()).ShouldNotBeNull("the finalizer holds it");
        await _stage.StartOperatorAsync(time: new LaterTime(TimeSpan.FromSeconds(31)));

        await TestPool.UntilAsync(async () => await _stage.CampaignAsync() is null, "the finalizer lets it go");
        await TestPool.UntilAsync(async () => (await _stage.EventReasonsAsync()).Contains("DeletedWhileUnreachable"), "the event is there");
    }

    [Fact]
    public async Task RedisThatIsSilent_IsLoggedWhenItGoesAndWhenItIsBack_NotWithEveryTry()
    {
        (_, Car[] cars) = await PoolWithCarsAsync(2);
        cars[0].Link.Leave();
        OperatorProcess process = await _stage.StartOperatorProcessAsync();
        await _stage.CreateCampaignAsync();
        await _stage.UntilPhaseAsync("CatchingUp");

        await redis.Raw.GetDatabase().ExecuteAsync("CLIENT", "PAUSE", "7000");
        string[] subjects = [$"Campaign {_stage.Namespace}/brakes", $"Pool {_stage.Namespace}/default", "Ticks"];
        await TestPool.UntilAsync(() => subjects.All(subject => process.Log.Contains($"{subject}: Redis answers again", StringComparison.Ordinal)), "all have found it again");

        foreach (string subject in subjects)
        {
            bool[] turns = [.. process.Log.Split('\n').Where(line => line.Contains($"{subject}: Redis", StringComparison.Ordinal)).Select(line => line.Contains("is not available", StringComparison.Ordinal))];
            turns.ShouldBe(turns.Select((_, turn) => turn % 2 == 0), $"{subject} goes and comes in turns");
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(8000)]
    public async Task RedisThatEvictsKeys_MakesTheOperatorUnready_AndIsNamed(int silentMilliseconds)
    {
        IServer server = redis.Raw.GetServer(redis.Raw.GetEndPoints()[0]);
        await server.ConfigSetAsync("maxmemory-policy", "allkeys-lru");
        await redis.Raw.GetDatabase().ExecuteAsync("CLIENT", "PAUSE", silentMilliseconds);
        try
        {
            OperatorProcess process = await _stage.StartOperatorProcessAsync();
            using HttpClient http = new() { BaseAddress = process.Health };
            string answer = "";
            await TestPool.UntilAsync(
                async () =>
                {
                    try
                    {
                        using HttpResponseMessage response = await http.GetAsync("/readyz", Token);
                        answer = await response.Content.ReadAsStringAsync(Token);
                        return response.StatusCode == HttpStatusCode.ServiceUnavailable && answer.Contains("allkeys-lru", StringComparison.Ordinal);
                    }
                    catch (HttpRequestException)
                    {
                        return false; // Still starting.
                    }
                },
                "readyz names the policy");
            answer.ShouldContain("noeviction");
        }
        finally
        {
            await server.ConfigSetAsync("maxmemory-policy", "noeviction");
        }
    }

    /// <summary>A campaign with one car left to tell, whose resource was taken away by force.</summary>
    private async Task OrphanAsync()
    {
        (_, Car[] cars) = await PoolWithCarsAsync(10);
        cars[0].Link.Leave();
        IHost first = await _stage.StartOperatorAsync();
        await _stage.CreateCampaignAsync();
        await _stage.UntilPhaseAsync("CatchingUp");
        await _stage.StopOperatorAsync(first);
        await _stage.PatchAsync("""{"metadata":{"finalizers":null}}""");
        await _stage.DeleteCampaignAsync();
        (await _stage.CampaignAsync()).ShouldBeNull();
    }

    private async Task<(OrdersNode Node, Car[] Cars)> PoolWithCarsAsync(int count, Func<IDeliveryLedger, IDeliveryLedger>? ledger = null)
    {
        await _stage.CreatePoolAsync();
        OrdersNode node = await _stage.AddNodeAsync("node-a", ledger);
        Car[] cars = TestPool.Cars(count);
        await TestPool.ConnectAsync(node, cars);
        return (node, cars);
    }

    private async Task SeeTicksAsync(int number)
    {
        await foreach (BusEvent happened in _bus.SubscribeAsync(_stage.Pool, Token))
        {
            number -= happened is BusEvent.Received { Message: TickMessage } ? 1 : 0;
            if (number == 0)
            {
                return;
            }
        }
    }

    private Task<Tombstone?> TombstoneAsync() => redis.Store.Orders.FindLatestTombstoneAsync(_stage.Pool, $"{_stage.Namespace}/brakes", Token);

    private async Task<TimeSpan?> OperatorAgeAsync() => (await redis.Store.Nodes.BeatAsync(
        _stage.Pool, new NodeBeat { Node = "looker", Pod = "looker", Connections = 0, Accepting = false, OrderSeq = 0 }, Token)).OperatorAge;

    /// <summary>The system's clock, by which the first few passes take longer than they may.</summary>
    private sealed class SlowWatch(int passes) : TimeProvider
    {
        private bool _begun;
        private long _behind;

        public int Slow { get; private set; } = passes;

        public override long GetTimestamp()
        {
            if (_begun && Slow > 0)
            {
                Slow--;
                _behind += TimestampFrequency;
            }
            _begun = !_begun;
            return base.GetTimestamp() + _behind;
        }
    }

    /// <summary>The system's clock, ahead: what has just been asked for was asked for long ago.</summary>
    private sealed class LaterTime(TimeSpan ahead) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + ahead;
    }
}
