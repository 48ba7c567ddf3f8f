using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.Json;
using PushPlatform.Fleet;
using PushPlatform.Kubernetes.Models;
using PushPlatform.Operator.Api;
using PushPlatform.Operator.Campaigns;
using PushPlatform.Scenarios.Stages;
using PushPlatform.VehicleClient;
using Shouldly;
using Xunit;

namespace PushPlatform.Tests.Integration.Telemetry;

/// <summary>Operator and node as they are shipped, seen through what they export, print and answer.</summary>
public sealed class ObservedStageTests
{
    private const string TraceId = "0af7651916cd43dd8448eb211c80319c";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task APush_WithACollector_ArrivesThereAsOneTrace_TheCarsIncluded_AndLogsAreJson()
    {
        ConcurrentBag<Activity> ofCars = [];
        using ActivityListener listener = ListenToCars(ofCars);
        await using OtlpReceiver collector = await OtlpReceiver.StartAsync();
        await using Stage stage = await Stage.SetUpAsync(new StageOptions { Nodes = 1, OperatorEnvironment = Exporting(collector.Url) }, Token);
        await using VehicleFleet fleet = stage.NewFleet();
        FleetGroup cars = fleet.Add(new VehicleGroup("observed", 10));
        await cars.ConnectAsync(Token);

        await stage.ApplyAsync(Campaign(), Token);
        await stage.UntilAsync("Completed", async token => (await stage.CampaignAsync("brakes", token))?.Status?.Phase == CampaignPhase.Completed, Token);

        string trace = OtlpReceiver.Bytes(TraceId);
        foreach ((string service, string span) in new[] { ("push-operator", "campaign Finish"), ("push-node", "push send"), ("push-node", "push ack") })
        {
            await stage.UntilAsync($"the span {span}", _ => Task.FromResult(collector.Has("traces", service, span, trace)), Token);
        }

        await stage.UntilAsync("the operator's metrics", _ => Task.FromResult(collector.Has("metrics", "push-operator", "controller_runtime_reconcile_total", "dotnet.gc.collections")), Token);
        await stage.UntilAsync("the node's metrics", _ => Task.FromResult(collector.Has("metrics", "push-node", "push_node_notices_sent", "dotnet.gc.collections")), Token);
        ofCars.Count(activity => activity.TraceId.ToString() == TraceId).ShouldBe(10);

        StagePod node = (await stage.Pods.NodesAsync(Token)).Single();
        string metrics = await GetAsync(node, "/metrics");
        metrics.ShouldContain("push_node_notices_sent_total");
        metrics.ShouldContain("dotnet_gc_last_collection_heap_size_bytes");
        metrics.ShouldContain("kestrel_active_connections");
        metrics.ShouldContain("push_dependency_up{dependency=\"redis\"} 1");
        metrics.ShouldNotContain("observed-");
        foreach (StagePod pod in (StagePod[])[node, (await stage.Pods.OperatorsAsync(Token)).Single()])
        {
            string[] lines = await LinesAsync(stage, pod);
            lines.Length.ShouldBeGreaterThan(0);
            lines.ShouldAllBe(line => IsRecord(line));
            lines.ShouldAllBe(line => !line.Contains("observed-"));
        }
    }

    [Fact]
    public async Task RabbitMqAndRedisDie_BodiesConditionsAndLogsNameThem_OnceEach_UntilTheyAreBack()
    {
        await using Stage stage = await Stage.SetUpAsync(new StageOptions { Nodes = 1 }, Token);
        StagePod node = (await stage.Pods.NodesAsync(Token)).Single();
        StagePod leader = (await stage.Pods.OperatorsAsync(Token)).Single();
        await stage.ApplyAsync(Campaign(["never-there"]), Token);

        await stage.Rabbit.KillAsync();
        foreach (StagePod pod in (StagePod[])[node, leader])
        {
            await stage.UntilAsync($"{pod.Name} to name RabbitMQ", async _ => Names(await GetAsync(pod, "/readyz"), "RabbitMQ"), Token);
            Names(await GetAsync(pod, "/healthz"), "RabbitMQ").ShouldBeTrue();
            (await GetAsync(pod, "/metrics")).ShouldContain("push_dependency_up{dependency=\"rabbitmq\"} 0");
        }

        await stage.UntilAsync("the conditions to name RabbitMQ", async token => (await ReadyAsync(stage, token)).All(text => Names(text, "RabbitMQ")), Token);

        await stage.Redis.KillAsync();
        foreach (StagePod pod in (StagePod[])[node, leader])
        {
            await stage.UntilAsync($"{pod.Name} to name Redis", async _ => Names(await GetAsync(pod, "/readyz"), "Redis"), Token);
        }

        await stage.UntilAsync("the conditions to name Redis", async token => (await ReadyAsync(stage, token)).All(text => Names(text, "Redis")), Token);

        foreach (StagePod pod in (StagePod[])[node, leader])
        {
            // Seconds of retries by several loops: each part of the process says it once.
            string[] warnings = [.. (await LinesAsync(stage, pod)).Where(line => line.Contains("\"Warning\"", StringComparison.Ordinal))];
            warnings.GroupBy(Said).ShouldAllBe(line => line.Count() == 1, string.Join('\n', warnings));
            warnings.ShouldContain(line => line.Contains("RabbitMQ"));
            warnings.ShouldContain(line => line.Contains("Redis"));
        }

        await stage.Redis.StartAgainAsync(Token);
        await stage.Rabbit.StartAgainAsync(Token);
        await stage.UntilReadyAsync(1, Token);
        foreach (StagePod pod in (StagePod[])[node, leader])
        {
            await stage.UntilAsync($"{pod.Name} to be well", async _ => !(await GetAsync(pod, "/readyz")).Contains("since", StringComparison.Ordinal), Token);
            (await LinesAsync(stage, pod)).ShouldContain(line => line.Contains("Redis answers"));
        }
    }

    private static async Task<string[]> LinesAsync(Stage stage, StagePod pod) => await File.ReadAllLinesAsync(stage.Pods.LogPath(pod)!, Token);

    private static bool Names(string text, string server) =>
        text.Contains(server, StringComparison.Ordinal) && text.Contains(", since 2", StringComparison.Ordinal) && text.Contains("check that it runs", StringComparison.Ordinal);

    // Who says what: the same sentence of two categories is two parts of the process.
    private static string Said(string line)
    {
        using JsonDocument record = JsonDocument.Parse(line);
        return $"{record.RootElement.GetProperty("Category")} {record.RootElement.GetProperty("EventId")} {record.RootElement.GetProperty("State")}";
    }

    private static async Task<IReadOnlyList<string>> ReadyAsync(Stage stage, CancellationToken token)
    {
        PushPool? pool = await stage.Kubernetes.GetAsync<PushPool>(Manifests.Pool, Manifests.Namespace, token);
        PushCampaign? campaign = await stage.CampaignAsync("brakes", token);
        return [.. new[] { pool?.Status.Conditions, campaign?.Status.Conditions }.Select(conditions => conditions?.FirstOrDefault(one => one.Type == "Ready")?.Message ?? "")];
    }

    private static async Task<string> GetAsync(StagePod pod, string path)
    {
        using HttpClient http = new() { BaseAddress = new Uri($"http://{pod.Address}:8081") };
        using HttpResponseMessage response = await http.GetAsync(path, Token);
        return await response.Content.ReadAsStringAsync(Token);
    }

    private static bool IsRecord(string line)
    {
        using JsonDocument record = JsonDocument.Parse(line);
        return record.RootElement.GetProperty("Timestamp").GetString()!.EndsWith('Z') && record.RootElement.TryGetProperty("Message", out _);
    }

    private static ActivityListener ListenToCars(ConcurrentBag<Activity> activities)
    {
        ActivityListener listener = new()
        {
            ShouldListenTo = source => source.Name == VehicleTracing.SourceName,
            Sample = (ref _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = activities.Add,
        };
        ActivitySource.AddActivityListener(listener);
        return listener;
    }

    private static Dictionary<string, string> Exporting(string collector) => new()
    {
        ["OTEL_EXPORTER_OTLP_ENDPOINT"] = collector,
        ["OTEL_EXPORTER_OTLP_PROTOCOL"] = "http/protobuf",
        ["OTEL_METRIC_EXPORT_INTERVAL"] = "500",
        ["PUSH_LOG_FORMAT"] = "json",
    };

    private static PushCampaign Campaign(IReadOnlyList<string>? vids = null) => new()
    {
        Metadata = new V1ObjectMeta
        {
            Name = "brakes",
            NamespaceProperty = Manifests.Namespace,
            Annotations = new Dictionary<string, string> { [CampaignTrace.Annotation] = $"00-{TraceId}-b7ad6b7169203331-01" },
        },
        Spec = new PushCampaignSpec
        {
            Patch = new Patch { Id = "brake-ecu", Version = "4.2.1" },
            Targets = vids is null ? new Targets { All = true } : new Targets { Vids = vids },
        },
    };
}
