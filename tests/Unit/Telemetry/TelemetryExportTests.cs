using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using PushPlatform.Delivery.Ledger;
using PushPlatform.Delivery.Telemetry;
using PushPlatform.PushNode.Orders;
using PushPlatform.Tests.Unit.PushNode.Orders;
using Shouldly;
using Xunit;

namespace PushPlatform.Tests.Unit.Telemetry;

/// <summary>What telemetry costs when nobody listens, and when nobody takes it. One class, so that the one has no listener of the other.</summary>
public sealed class TelemetryExportTests
{
    [Fact]
    public void Spans_NobodyListens_AllocateNothing()
    {
        ActiveOrder order = SampleOrders.Open().Active();
        ClaimBatch batch = new(3, []);
        Record();
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 1000; i++)
        {
            Record();
        }

        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBe(0);

        void Record()
        {
            using Activity? send = OrderTracing.Send(order, batch);
            send.Sent(1);
            using Activity? ack = OrderTracing.Ack(order, 3, 10);
            ack.Ended(LedgerReply.Ok);
        }
    }

    /// <summary>The exporter's own time-out is ten minutes here: only a bound of ours ends it sooner.</summary>
    [Fact(Timeout = 120_000)]
    public async Task Stopped_CollectorNeverAnswers_EndsAllTheSame()
    {
        using TcpListener silent = new(IPAddress.Loopback, 0);
        silent.Start();
        IConfiguration variables = new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["OTEL_EXPORTER_OTLP_ENDPOINT"] = $"http://{silent.LocalEndpoint}",
            ["OTEL_EXPORTER_OTLP_PROTOCOL"] = "http/protobuf",
            ["OTEL_EXPORTER_OTLP_TIMEOUT"] = "600000",
            ["OTEL_BSP_SCHEDULE_DELAY"] = "10",
        }).Build();
        await using ServiceProvider services = new ServiceCollection().AddMetrics().BuildServiceProvider();
        TelemetryIdentity identity = new("test", "1", new Dictionary<string, object>());
        using TelemetryExport export = new(new TelemetrySettings(Traces: true, Metrics: true), identity, variables, services.GetRequiredService<IMeterFactory>());
        await export.StartingAsync(CancellationToken.None);
        using (ActivitySource source = new("PushPlatform.Test"))
        {
            using Activity? span = source.StartActivity("waits for ever");
            span.ShouldNotBeNull();
        }

        using TcpClient _ = await silent.AcceptTcpClientAsync(TestContext.Current.CancellationToken);
        await export.StoppedAsync(CancellationToken.None);
    }
}
