using PushPlatform.Delivery;
using PushPlatform.Delivery.Ledger;
using PushPlatform.Kubernetes.Models;
using PushPlatform.Operator.Api;
using PushPlatform.Operator.Campaigns;
using PushPlatform.Operator.Campaigns.Lists;
using PushPlatform.Tests.Integration.Delivery;
using PushPlatform.Tests.Integration.PushNode.Orders;
using Shouldly;
using Xunit;

namespace PushPlatform.Tests.Integration.Operator;

/// <summary>A list on its way into a real ledger, pass by pass, while operators die at any call.</summary>
[Collection(SingleRedisGroup.Name)]
public sealed class ListFreezeTests(SingleRedis redis) : IDisposable
{
    private const int Listed = 30_000;

    private readonly LedgerScene _scene = new(redis);
    private readonly VidSpool _units = new(new ListSpace());

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _units.Dispose();

    [Theory]
    [InlineData(SessionMode.Single)]
    [InlineData(SessionMode.PerDevice)]
    public async Task FreezeAsync_OperatorsDieAfterAnyCall_EachUnitIsATargetOnce_AndFrozenShardsAreLeftAlone(SessionMode sessions)
    {
        await _scene.CreatedAsync();
        for (int i = 0; i < Listed; i++)
        {
            _units.Add($"WVWZZZ1JZXW{i:00000000}");
            _units.Add($"WVWZZZ1JZXW{i / 2:00000000}");
        }
        _units.Seal();
        _units.IsOnDisk.ShouldBeTrue();
        List<(int Shard, bool Frozen)> calls = [];
        LedgerReading ledger = await LedgerAsync();
        for (int lives = 5; !ledger.Frozen; lives += 12)
        {
            int left = lives;
            var mortal = new BreakableLedger(_scene.Ledger)
            {
                BeforeTarget = shard =>
                {
                    calls.Add((shard, ledger.Shards[shard]!.Frozen));
                    return left-- > 0 ? Task.CompletedTask : throw new StoreUnavailableException("the operator dies");
                },
            };
            ledger = await RunAsync(new ListedTargets(redis.Store.Vehicles, mortal, TimeProvider.System), ledger, sessions);
        }

        calls.ShouldAllBe(call => !call.Frozen);
        ledger.Counts.Targeted.ShouldBe(Listed);
        ledger.Counts.Pending.ShouldBe(Listed);
        (await _scene.Control.AuditAsync(_scene.Campaign, Token)).Differences.ShouldBeEmpty();
    }

    /// <summary>The life of one process: it passes until all is frozen, or it dies.</summary>
    private async Task<LedgerReading> RunAsync(ListedTargets listed, LedgerReading ledger, SessionMode sessions)
    {
        CampaignMemory memory = CampaignMemory.Empty;
        try
        {
            while (!ledger.Frozen)
            {
                memory = memory with { ListFreeze = await listed.FreezeAsync(See(ledger, memory, sessions), LedgerScene.Id, Token) };
                ledger = await LedgerAsync();
            }
            return ledger;
        }
        catch (StoreUnavailableException)
        {
            return await LedgerAsync();
        }
    }

    private async Task<LedgerReading> LedgerAsync() => (await _scene.Control.ReadAsync(_scene.Campaign, Token)).ShouldNotBeNull();

    private CampaignObservation See(LedgerReading ledger, CampaignMemory memory, SessionMode sessions) => new()
    {
        Now = TimeProvider.System.GetUtcNow(),
        Campaign = new PushCampaign
        {
            Metadata = new V1ObjectMeta { Name = "brakes", NamespaceProperty = _scene.Campaign.Pool.Namespace, Uid = "owner", Generation = 1 },
            Spec = new PushCampaignSpec
            {
                CampaignId = _scene.Campaign.CampaignId,
                PoolRef = new PoolReference { Name = _scene.Campaign.Pool.Name },
                Patch = new Patch { Id = "brake", Version = "2" },
                Targets = new Targets { VidsFrom = [new VidSource { ConfigMapRef = new ConfigMapReference { Name = "recall" } }] },
            },
        },
        PoolExists = true,
        Sessions = sessions,
        Revision = 1,
        Lists = new TargetLists { Units = _units, Hashes = ["hash"] },
        Ledger = ledger,
        Memory = memory,
    };
}
