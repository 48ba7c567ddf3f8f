using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging.Abstractions;
using PushPlatform.Kubernetes.LeaderElection;
using PushPlatform.Kubernetes.Models;
using PushPlatform.Tests.Unit.Time;
using Shouldly;
using Xunit;

namespace PushPlatform.Tests.Unit.Kubernetes;

public sealed class LeaderElectionTests : IDisposable
{
    private static readonly TimeSpan LeaseDuration = TimeSpan.FromSeconds(15);
    private readonly ManualTimeProvider _time = new();
    private readonly LeaseClient _client = new();
    private readonly Lifetime _lifetime = new();
    private readonly LeaseLock _lock;
    private readonly LeaderElector _elector;

    public LeaderElectionTests()
    {
        _lock = new LeaseLock(_client, "ns", "l", "me", LeaseDuration, _time);
        _elector = new LeaderElector(
            _lock, new LeaseTimings(TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(2)), _lifetime, _time, NullLogger<LeaderElector>.Instance);
    }

    public void Dispose()
    {
        _elector.Dispose();
        Environment.ExitCode = 0;
    }

    public static TheoryData<string?, int, string> Decisions => new()
    {
        { "none", 0, nameof(LeaseStep.Create) },
        { "me", 0, nameof(LeaseStep.Renew) },
        { "me", 100, nameof(LeaseStep.Renew) },
        { null, 0, nameof(LeaseStep.TakeOver) },
        { "", 0, nameof(LeaseStep.TakeOver) },
        { "other", 0, nameof(LeaseStep.Wait) },
        { "other", 14, nameof(LeaseStep.Wait) },
        { "other", 15, nameof(LeaseStep.TakeOver) },
    };

    [Theory]
    [MemberData(nameof(Decisions))]
    public void Decision_ByHolderAndSilence(string? holder, int silentSeconds, string expected)
    {
        // The times in the lease are absurd on purpose: no other machine's clock may matter.
        var lease = holder == "none" ? null : new V1Lease { Spec = new V1LeaseSpec { HolderIdentity = holder, RenewTime = DateTimeOffset.MaxValue } };

        LeaseDecision.Next(lease, "me", TimeSpan.FromSeconds(silentSeconds), LeaseDuration).ToString().ShouldBe(expected);
    }

    [Fact]
    public async Task Lock_HolderThatRenews_IsWaitedForForEver_AndOneThatFallsSilentIsSucceeded()
    {
        _client.HeldBy("other");
        for (var i = 0; i < 5; i++)
        {
            (await _lock.AcquireOrRenewAsync(default)).ShouldBe("other");
            _time.Advance(TimeSpan.FromSeconds(14));
            _client.HeldBy("other");
        }

        (await _lock.AcquireOrRenewAsync(default)).ShouldBe("other");
        _time.Advance(TimeSpan.FromSeconds(15));

        (await _lock.AcquireOrRenewAsync(default)).ShouldBe("me");
        _client.Lease!.Spec!.LeaseTransitions.ShouldBe(4);
    }

    [Fact]
    public async Task Lock_FirstLook_NeverTakesAHeldLease_HoweverOldItSeems()
    {
        _client.HeldBy("other");
        _time.Advance(TimeSpan.FromDays(1));

        (await _lock.AcquireOrRenewAsync(default)).ShouldBe("other");
    }

    [Fact]
    public async Task Elector_CreatesRenewsAndReleases()
    {
        await _elector.StartAsync(default);
        await _elector.WaitUntilLeadingAsync(default).WaitAsync(TimeSpan.FromSeconds(30));
        _elector.IsLeader.ShouldBeTrue();
        await PassRoundAsync();
        _client.Writes.ShouldBe(2);

        await _elector.StopAsync(default);

        _client.Lease!.Spec!.HolderIdentity.ShouldBeNull();
        _lifetime.Stopped.Task.IsCompleted.ShouldBeFalse();
    }

    [Fact]
    public async Task Elector_ThatCannotRenew_StopsLeadingAtTheDeadline_AndEndsTheProcess()
    {
        await _elector.StartAsync(default);
        var lost = await _elector.WaitUntilLeadingAsync(default).WaitAsync(TimeSpan.FromSeconds(30));
        await _time.UntilSomebodyWaitsAsync(TimeSpan.FromSeconds(2));
        _client.BeforeEachCall = static _ => throw new HttpRequestException("nobody answers");

        for (var i = 0; i < 4; i++)
        {
            await PassRoundAsync();
            _elector.IsLeader.ShouldBeTrue();
            lost.IsCancellationRequested.ShouldBeFalse();
        }

        _time.Advance(TimeSpan.FromSeconds(2));
        _elector.IsLeader.ShouldBeFalse();
        while (!_lifetime.Stopped.Task.IsCompleted)
        {
            // The loop may have begun its last pause just before or just after the step above.
            _time.Advance(TimeSpan.FromSeconds(1));
            await Task.Delay(1);
        }

        lost.IsCancellationRequested.ShouldBeTrue();
        Environment.ExitCode.ShouldBe(1);
    }

    [Fact]
    public async Task Elector_WhoseCallHangs_StopsLeadingAtTheDeadline()
    {
        await _elector.StartAsync(default);
        var lost = await _elector.WaitUntilLeadingAsync(default).WaitAsync(TimeSpan.FromSeconds(30));
        await _time.UntilSomebodyWaitsAsync(TimeSpan.FromSeconds(2));
        _client.BeforeEachCall = static cancellationToken => Task.Delay(Timeout.Infinite, cancellationToken);

        // A round of waiting, a call of 5 s, another round, and the one second that is left.
        _time.Advance(TimeSpan.FromSeconds(2));
        await _time.UntilSomebodyWaitsAsync(TimeSpan.FromSeconds(5));
        _time.Advance(TimeSpan.FromSeconds(5));
        await _time.UntilSomebodyWaitsAsync(TimeSpan.FromSeconds(2));
        _time.Advance(TimeSpan.FromSeconds(2));
        await _time.UntilSomebodyWaitsAsync(TimeSpan.FromSeconds(1));
        _elector.IsLeader.ShouldBeTrue();
        _time.Advance(TimeSpan.FromSeconds(1));

        _elector.IsLeader.ShouldBeFalse();
        await _lifetime.Stopped.Task.WaitAsync(TimeSpan.FromSeconds(30));
        lost.IsCancellationRequested.ShouldBeTrue();
    }

    /// <summary>Lets one pause of 2 s pass, and waits until the next one has begun.</summary>
    private async Task PassRoundAsync()
    {
        await _time.UntilSomebodyWaitsAsync(TimeSpan.FromSeconds(2));
        _time.Advance(TimeSpan.FromSeconds(2));
        await _time.UntilSomebodyWaitsAsync(TimeSpan.FromSeconds(2));
    }

    private sealed class Lifetime : IHostApplicationLifetime
    {
        public TaskCompletionSource Stopped { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public CancellationToken ApplicationStarted => CancellationToken.None;

        public CancellationToken ApplicationStopping => CancellationToken.None;

        public CancellationToken ApplicationStopped => CancellationToken.None;

        public void StopApplication() => Stopped.TrySetResult();
    }
}
