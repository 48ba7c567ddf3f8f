using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Text.Json;
using PushPlatform.Delivery.Telemetry;
using PushPlatform.Tests.Integration.Delivery;
using PushPlatform.Tests.Integration.Operator;
using PushPlatform.Tests.Integration.PushNode.Orders;
using Shouldly;
using Xunit;

namespace PushPlatform.Tests.Integration.Telemetry;

/// <summary>A campaign as somebody sees it who listens to all that operator and nodes record.</summary>
[Collection(SingleRedisGroup.Name)]
public sealed class TraceStoryTests(SingleRedis redis) : IAsyncLifetime
{
    private const string Vids = "vid-that-no-recording-names";

    private OperatorStage _stage = null!;

    public async ValueTask InitializeAsync() => _stage = await OperatorStage.StartAsync(redis);

    public ValueTask DisposeAsync() => _stage.DisposeAsync();

    [Fact]
    public async Task ACampaign_FromItsApplyToTheLastAck_IsOneTrace()
    {
        ConcurrentQueue<Activity> spans = [];
        using ActivityListener listener = ListenTo(spans);
        Car[] cars = await PushedAsync(40);

        await TestPool.UntilAsync(() => Of("push ack").Sum(span => Tag<int>(span, "push.acks")) >= 40, "the acks are told");
        string traceParent = TraceParentOf(cars[0]);
        cars.ShouldAllBe(car => TraceParentOf(car) == traceParent);
        TraceParent.TryParse(traceParent, out ActivityContext trace).ShouldBeTrue();
        Activity[] own = [.. spans.Where(IsOurs)];
        own.ShouldAllBe(span => span.TraceId == trace.TraceId);
        string[] names = [.. own.Select(span => span.OperationName).Distinct()];
        names.ShouldBeSubsetOf(["campaign Align", "campaign CreateLedger", "campaign MoveQuota", "campaign EndOpenRecords", "campaign Finish", "campaign Retire",
            "push preview", "push freeze", "push send", "push ack"]);
        foreach (string name in (string[])["campaign Align", "campaign CreateLedger", "campaign Finish", "push preview", "push freeze", "push send", "push ack"])
        {
            names.ShouldContain(name);
        }

        Of("push send").Sum(span => Tag<int>(span, "push.sent")).ShouldBe(40);
        Of("push send").Count().ShouldBeLessThanOrEqualTo(32, "a span is about a batch, not about a car");
        own.SelectMany(span => span.TagObjects).ShouldAllBe(tag => !$"{tag.Key}={tag.Value}".Contains(Vids));
        own.Where(span => span.OperationName == "campaign Finish").ShouldAllBe(span => span.Links.Any(), "it says in which run of the controller it was done");

        IEnumerable<Activity> Of(string name) => spans.Where(span => IsOurs(span) && span.OperationName == name);
    }

    [Fact]
    public async Task ACampaign_NoMetricEverHasAVidForALabel()
    {
        ConcurrentDictionary<string, ConcurrentBag<string>> seen = [];
        using MeterListener listener = ListenTo(seen);
        await PushedAsync(40);
        listener.RecordObservableInstruments();

        seen.Keys.ShouldContain("push_node_notices_sent");
        seen.Keys.ShouldContain("push_node_settle_batch");
        seen.Keys.ShouldContain("push_campaign_targets");
        seen.Keys.ShouldContain("controller_runtime_reconcile_total");
        seen.ShouldAllBe(instrument => instrument.Value.All(label => !label.Contains(Vids) && !label.StartsWith("vid")));
    }

    private async Task<Car[]> PushedAsync(int number)
    {
        OrdersNode node = await _stage.AddNodeAsync("a");
        await _stage.CreatePoolAsync();
        Car[] cars = TestPool.Cars(number, Vids);
        await TestPool.ConnectAsync(node, cars);
        await _stage.StartOperatorAsync();
        await _stage.CreateCampaignAsync();
        await _stage.UntilPhaseAsync("Completed");
        cars.ShouldAllBe(car => car.Pushes == 1);
        return cars;
    }

    private static ActivityListener ListenTo(ConcurrentQueue<Activity> spans)
    {
        ActivityListener listener = new()
        {
            ShouldListenTo = source => source.Name.StartsWith("PushPlatform.", StringComparison.Ordinal),
            Sample = (ref _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = spans.Enqueue,
        };
        ActivitySource.AddActivityListener(listener);
        return listener;
    }

    private static MeterListener ListenTo(ConcurrentDictionary<string, ConcurrentBag<string>> seen)
    {
        MeterListener listener = new()
        {
            InstrumentPublished = (instrument, all) =>
            {
                if (instrument.Meter.Name.StartsWith("PushPlatform.", StringComparison.Ordinal))
                {
                    all.EnableMeasurementEvents(instrument);
                }
            },
        };
        listener.SetMeasurementEventCallback<int>((instrument, _, tags, _) => Note(instrument, tags));
        listener.SetMeasurementEventCallback<long>((instrument, _, tags, _) => Note(instrument, tags));
        listener.SetMeasurementEventCallback<double>((instrument, _, tags, _) => Note(instrument, tags));
        listener.Start();
        return listener;

        void Note(Instrument instrument, ReadOnlySpan<KeyValuePair<string, object?>> tags)
        {
            ConcurrentBag<string> labels = seen.GetOrAdd(instrument.Name, _ => []);
            foreach (KeyValuePair<string, object?> tag in tags)
            {
                labels.Add($"{tag.Key}={tag.Value}");
            }
        }
    }

    // Other tests of this process record as well.
    private bool IsOurs(Activity span) => span.GetTagItem("push.campaign") is string campaign && campaign.StartsWith(_stage.Namespace, StringComparison.Ordinal);

    private static T Tag<T>(Activity span, string name) => (T)span.GetTagItem(name)!;

    private static string TraceParentOf(Car car)
    {
        using JsonDocument push = JsonDocument.Parse(car.Link.Frames.Single(frame => OrdersNode.DeliveryOf(frame) is not null));
        return push.RootElement.GetProperty("traceparent").GetString()!;
    }
}
