using Microsoft.Extensions.Logging;
using PushPlatform.Kubernetes.Client;
using PushPlatform.Kubernetes.Controllers;
using PushPlatform.Kubernetes.Models;
using PushPlatform.Kubernetes.Queue;
using PushPlatform.Tests.Unit.Time;
using Shouldly;
using Xunit;

namespace PushPlatform.Tests.Unit.Kubernetes;

public sealed class ReconcileOutcomesTests : IDisposable
{
    private readonly ManualTimeProvider _time = new();
    private readonly WorkQueue<NamespacedName> _queue;
    private readonly KubernetesMetrics _metrics = new();
    private readonly LogLevels _log = new();
    private readonly ReconcileOutcomes<V1Deployment> _outcomes;

    public ReconcileOutcomesTests()
    {
        _queue = new WorkQueue<NamespacedName>(new RetryBackoff(TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(5), static () => 1), _time);
        _outcomes = new ReconcileOutcomes<V1Deployment>("pools", _queue, _time, _metrics, _log);
    }

    [Fact]
    public void Failed_TheApiServerIsSilent_IsLeftToWhoeverSaysItOnceForAll()
    {
        _outcomes.Failed(new NamespacedName("fleet", "default"), new HttpRequestException("refused"), late: false, 0);
        _outcomes.Failed(new NamespacedName("fleet", "default"), new TimeoutException("GET /: no answer"), late: false, 0);

        _log.Seen.ShouldBe([LogLevel.Debug, LogLevel.Debug]);
    }

    [Fact]
    public void Failed_TheRunTookTooLong_IsSaid()
    {
        _outcomes.Failed(new NamespacedName("fleet", "default"), new TimeoutException("not done within 60 s"), late: true, 0);

        _log.Seen.ShouldHaveSingleItem().ShouldBe(LogLevel.Error);
    }

    public void Dispose()
    {
        _queue.Dispose();
        _metrics.Dispose();
    }

    private sealed class LogLevels : ILogger
    {
        public List<LogLevel> Seen { get; } = [];

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) => Seen.Add(logLevel);
    }
}
