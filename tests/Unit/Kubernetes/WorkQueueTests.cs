using System.Threading.Channels;
using FsCheck;
using FsCheck.Fluent;
using PushPlatform.Kubernetes.Queue;
using PushPlatform.Tests.Unit.Time;
using Shouldly;
using Xunit;

namespace PushPlatform.Tests.Unit.Kubernetes;

public sealed class WorkQueueTests : IDisposable
{
    private readonly ManualTimeProvider _time = new();
    private readonly WorkQueue<string> _queue;

    public WorkQueueTests() => _queue = new WorkQueue<string>(new RetryBackoff(TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(5), static () => 1), _time);

    public void Dispose() => _queue.Dispose();

    [Fact]
    public async Task Add_ManyTimes_IsHandedOutOnce()
    {
        _queue.Add("a");
        _queue.Add("b");
        _queue.Add("a");

        (await TakeAsync(), await TakeAsync()).ShouldBe(("a", "b"));
        _queue.Depth.ShouldBe(0);
    }

    [Fact]
    public async Task Add_WhileItIsWorkedOn_IsHandedOutOnlyAfterwardsAndOnce()
    {
        _queue.Add("a");
        await TakeAsync();
        _queue.Add("a");
        _queue.Add("a");
        _queue.Depth.ShouldBe(0);

        _queue.Done("a");

        (await TakeAsync()).ShouldBe("a");
        _queue.Done("a");
        _queue.Depth.ShouldBe(0);
    }

    [Fact]
    public async Task AddAfter_SeveralTimes_EarliestWins()
    {
        _queue.AddAfter("a", TimeSpan.FromSeconds(60));
        _queue.AddAfter("a", TimeSpan.FromSeconds(10));
        _queue.AddAfter("a", TimeSpan.FromSeconds(30));

        _time.Advance(TimeSpan.FromSeconds(9.9));
        _queue.Depth.ShouldBe(0);
        _time.Advance(TimeSpan.FromSeconds(0.1));
        _queue.Depth.ShouldBe(1);
        await TakeAsync();
        _queue.Done("a");
        _time.Advance(TimeSpan.FromSeconds(100));
        _queue.Depth.ShouldBe(0);
    }

    [Fact]
    public async Task AddAfter_ChangeComesFirst_RunAnswersBoth_AndItsOwnWishHolds()
    {
        _queue.AddAfter("a", TimeSpan.FromSeconds(10));
        _queue.Add("a");
        await TakeAsync();
        _queue.AddAfter("a", TimeSpan.FromSeconds(20));
        _queue.Add("a"); // the run's own status write comes back through the watch
        _queue.Done("a");
        await TakeAsync();
        _queue.AddAfter("a", TimeSpan.FromSeconds(5));
        _queue.Done("a");

        _time.Advance(TimeSpan.FromSeconds(4));
        _queue.Depth.ShouldBe(0);
        _time.Advance(TimeSpan.FromSeconds(1));
        _queue.Depth.ShouldBe(1);
    }

    [Fact]
    public void AddAfter_SeveralKeys_EachIsDueInItsTime()
    {
        _queue.AddAfter("late", TimeSpan.FromSeconds(20));
        _queue.AddAfter("early", TimeSpan.FromSeconds(10));

        _time.Advance(TimeSpan.FromSeconds(10));
        _queue.Depth.ShouldBe(1);
        _time.Advance(TimeSpan.FromSeconds(10));
        _queue.Depth.ShouldBe(2);
    }

    [Fact]
    public async Task AddAfterFailure_WaitsLongerEachTime_ForEver_AndForgetBeginsAnew()
    {
        foreach (var seconds in new[] { 1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300, 300 })
        {
            _queue.AddAfterFailure("a");
            _time.Advance(TimeSpan.FromSeconds(seconds) - TimeSpan.FromMilliseconds(1));
            _queue.Depth.ShouldBe(0);
            _time.Advance(TimeSpan.FromMilliseconds(1));
            await TakeAsync();
            _queue.Done("a");
        }

        _queue.Forget("a");
        _queue.AddAfterFailure("a");
        _time.Advance(TimeSpan.FromSeconds(1));
        _queue.Depth.ShouldBe(1);
    }

    [Fact]
    public void AddAfterFailure_ServerAskedForMore_IsWaitedFor()
    {
        _queue.AddAfterFailure("a", TimeSpan.FromSeconds(7));

        _time.Advance(TimeSpan.FromSeconds(6.9));
        _queue.Depth.ShouldBe(0);
        _time.Advance(TimeSpan.FromSeconds(0.1));
        _queue.Depth.ShouldBe(1);
    }

    [Fact]
    public async Task Close_HandsOutNothingMore_AndLetsWaitersGo()
    {
        var waiter = _queue.TakeAsync(CancellationToken.None).AsTask();
        _queue.Close();
        await Should.ThrowAsync<ChannelClosedException>(() => waiter);

        _queue.Add("a");
        _queue.AddAfter("b", TimeSpan.FromSeconds(1));
        _time.Advance(TimeSpan.FromSeconds(1));

        _queue.Depth.ShouldBe(0);
    }

    [Fact]
    public void Backoff_AnyFailureCountAndChance_StaysBetweenHalfAndCap() => Prop.ForAll(
        ArbMap.Default.ArbFor<PositiveInt>(),
        Gen.Choose(0, 1000).ToArbitrary(),
        (failures, chance) =>
        {
            var backoff = new RetryBackoff(TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(5), () => chance / 1000.0);
            var pause = backoff.After(failures.Get);
            return pause >= TimeSpan.FromSeconds(0.5) && pause <= TimeSpan.FromMinutes(5)
                && (failures.Get < 10 || pause >= TimeSpan.FromMinutes(2.5));
        }).QuickCheckThrowOnFailure();

    private Task<string> TakeAsync() => _queue.TakeAsync(CancellationToken.None).AsTask().WaitAsync(TimeSpan.FromSeconds(10));
}
