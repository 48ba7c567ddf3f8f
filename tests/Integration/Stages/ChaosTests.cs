using PushPlatform.Scenarios.Chaos;
using Shouldly;
using Xunit;

namespace PushPlatform.Tests.Integration.Stages;

/// <summary>A few of the schedules of <c>tests/chaos</c>, always the same; that command plays as many others as there is time for.</summary>
public sealed class ChaosTests : IClassFixture<ChaosTests.Run>
{
    private readonly Run _run;

    public ChaosTests(Run run) => _run = run;

    [Theory]
    [InlineData(6)] // a node killed, another without its broker, a cap, a retry after the end
    [InlineData(52)] // half-open cars, a node that hangs and one without Redis, the leader without its API, suspend, resume and cancel
    [InlineData(102)] // a lost ledger
    public async Task AnySchedule_BreaksNoGuarantee(int seed)
    {
        (int failed, int inconclusive) = await _run.PlayAsync(seed);

        failed.ShouldBe(0, _run.Output);
        Assert.SkipWhen(inconclusive > 0, $"This process was starved while it measured: {_run.Output}");
    }

    /// <summary>One stage for all of them.</summary>
    public sealed class Run : IAsyncDisposable
    {
        private readonly StringWriter _output = new();
        private readonly ChaosRun _run;

        public Run() => _run = new ChaosRun(_output, TimeProvider.System);

        /// <summary>What <c>tests/chaos</c> would have printed until now.</summary>
        public string Output => _output.ToString();

        public ValueTask DisposeAsync() => _run.DisposeAsync();

        internal async Task<(int Failed, int Inconclusive)> PlayAsync(int seed)
        {
            (int failed, int inconclusive) = (_run.Failed, _run.Inconclusive);
            await _run.PlayAsync(ScheduleMaker.Make(seed), TestContext.Current.CancellationToken);
            return (_run.Failed - failed, _run.Inconclusive - inconclusive);
        }
    }
}
