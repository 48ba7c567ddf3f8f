using System.Threading.Channels;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging.Abstractions;
using PushPlatform.Kubernetes.Client;
using PushPlatform.Kubernetes.Configuration;
using PushPlatform.Kubernetes.Informers;
using PushPlatform.Kubernetes.Models;
using Shouldly;
using Xunit;

namespace PushPlatform.Tests.Integration.Kubernetes;

/// <summary>The informer where the API server misbehaves in ways that a good one cannot be asked for.</summary>
public sealed class InformerTests
{
    private readonly Channel<string> _changes = Channel.CreateUnbounded<string>();

    [Fact]
    public async Task Watch_CutOff_GoesOnFromTheLastVersionSeen()
    {
        await using var server = await ScriptedAsync(
            List("5", Item("a", "3")),
            Event("ADDED", Item("b", "6")) + """{"type":"BOOKMARK","object":{"metadata":{"resourceVersion":"9"}}}""" + "\n" + """{"type":"ADD""",
            Event("ADDED", Item("c", "10")));
        using var informer = await StartAsync(server);

        (await NextAsync(3)).ShouldBe(["+a", "+b", "+c"]);

        Queries(server)[..3].ShouldBe(["list", "watch 5", "watch 9"]);
        await informer.StopAsync(default);
    }

    [Fact]
    public async Task Watch_Expired_ListsAgain_AndTellsOfWhatWentMeanwhile()
    {
        await using var server = await ScriptedAsync(
            List("5", Item("a", "3"), Item("b", "4")),
            """{"type":"ERROR","object":{"code":410,"reason":"Expired"}}""" + "\n",
            List("50", Item("b", "4"), Item("c", "40")),
            Event("MODIFIED", Item("c", "51")));
        using var informer = await StartAsync(server);

        (await NextAsync(5)).ShouldBe(["+a", "+b", "+c", "-a", "~c"]);

        Queries(server)[..4].ShouldBe(["list", "watch 5", "list", "watch 50"]);
        informer.Store.List().Select(map => map.Name()).Order().ShouldBe(["b", "c"]);
        await informer.StopAsync(default);
    }

    [Fact]
    public async Task List_ThatFails_IsTriedUntilItWorks_AndUntilThenNothingIsKnown()
    {
        await using var server = await ScriptedAsync("not json", "not json", List("5", Item("a", "3")));
        using var informer = await StartAsync(server);
        informer.ReadyFaults().ShouldNotBeEmpty();

        (await NextAsync(1)).ShouldBe(["+a"]);

        await informer.WaitUntilSyncedAsync(default).WaitAsync(TimeSpan.FromSeconds(30));
        informer.ReadyFaults().ShouldBeEmpty();
        await informer.StopAsync(default);
    }

    [Fact]
    public async Task Watch_ThatIsTakenAndSaysNothing_TimeAndAgain_IsNoFault()
    {
        HandClock clock = new();
        var watches = 0;
        await using var server = await ScriptedApiServer.StartAsync(async context =>
        {
            if (!context.Request.Query.ContainsKey("watch"))
            {
                await context.Response.WriteAsync(List("5"));
                return;
            }

            // Taken: the head leaves. Then silence, as of a server before 1.21 about a kind of which nothing changes.
            await context.Response.Body.FlushAsync();
            Interlocked.Increment(ref watches);
            clock.Advance(TimeSpan.FromMinutes(2));
            await Task.Delay(Timeout.Infinite, context.RequestAborted);
        });
        using var client = new KubernetesClient(new KubernetesClientConfiguration { Host = server.Address, WatchIdleTimeout = TimeSpan.FromMilliseconds(100) });
        using var informer = new Informer<V1ConfigMap>(client, "ns", null, clock, new KubernetesMetrics(), NullLogger<Informer<V1ConfigMap>>.Instance);
        await informer.StartAsync(default);

        await Task.Run(() => SpinWait.SpinUntil(() => Volatile.Read(ref watches) >= 6, TimeSpan.FromSeconds(60)));

        informer.LiveFaults().ShouldBeEmpty();
        watches.ShouldBeGreaterThanOrEqualTo(6);
        await informer.StopAsync(default);
    }

    /// <summary>Answers are given in turn; when they are used up, watches stay open and say nothing.</summary>
    private static Task<ScriptedApiServer> ScriptedAsync(params string[] answers)
    {
        var next = -1;
        return ScriptedApiServer.StartAsync(context =>
        {
            var turn = Interlocked.Increment(ref next);
            return turn < answers.Length ? context.Response.WriteAsync(answers[turn]) : Task.Delay(Timeout.Infinite, context.RequestAborted);
        });
    }

    private static async Task<Informer<V1ConfigMap>> StartAsync(ScriptedApiServer server, Channel<string> changes)
    {
        var client = new KubernetesClient(server.Configuration);
        var informer = new Informer<V1ConfigMap>(client, "ns", null, TimeProvider.System, new KubernetesMetrics(), NullLogger<Informer<V1ConfigMap>>.Instance);
        informer.Subscribe(change => changes.Writer.TryWrite(change switch
        {
            (null, { } added) => $"+{added.Name()}",
            ({ } gone, null) => $"-{gone.Name()}",
            _ => $"~{change.New!.Name()}",
        }));
        await informer.StartAsync(default);
        return informer;
    }

    private Task<Informer<V1ConfigMap>> StartAsync(ScriptedApiServer server) => StartAsync(server, _changes);

    private async Task<List<string>> NextAsync(int count)
    {
        using var impatience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        var seen = new List<string>();
        while (seen.Count < count)
        {
            seen.Add(await _changes.Reader.ReadAsync(impatience.Token));
        }

        return seen;
    }

    private static List<string> Queries(ScriptedApiServer server) => [.. server.Requests.Select(request =>
    {
        var query = System.Web.HttpUtility.ParseQueryString(request.PathAndQuery[request.PathAndQuery.IndexOf('?')..]);
        return query["watch"] == "true" ? $"watch {query["resourceVersion"]}" : "list";
    })];

    private static string Item(string name, string version) =>
        $$$"""{"metadata":{"name":"{{{name}}}","namespace":"ns","uid":"{{{name}}}","resourceVersion":"{{{version}}}"}}""";

    private static string List(string version, params string[] items) =>
        $$$"""{"metadata":{"resourceVersion":"{{{version}}}"},"items":[{{{string.Join(',', items)}}}]}""";

    private static string Event(string type, string item) => $$"""{"type":"{{type}}","object":{{item}}}""" + "\n";

    /// <summary>Moves by hand; its timers are real ones.</summary>
    private sealed class HandClock : TimeProvider
    {
        private long _now;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => Volatile.Read(ref _now);

        public void Advance(TimeSpan by) => Interlocked.Add(ref _now, by.Ticks);
    }
}
