using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using PushPlatform.Delivery.Telemetry;
using PushPlatform.Kubernetes.Models;
using PushPlatform.Operator.Api;
using PushPlatform.Operator.Telemetry;
using Shouldly;
using Xunit;

namespace PushPlatform.Tests.Unit.Operator;

public sealed class CampaignMetricsTests
{
    [Fact]
    public void Observe_AfterHundredsOfCampaignsThatAreGone_StillHasSeriesOfItsOwn()
    {
        using ServiceProvider services = new ServiceCollection().AddMetrics().BuildServiceProvider();
        IMeterFactory meters = services.GetRequiredService<IMeterFactory>();
        CampaignMetrics metrics = new(meters);
        using PrometheusExporter exporter = new(meters);
        for (int i = 0; i < 400; i++)
        {
            NamespacedName gone = new("fleet", $"c-{i}");
            metrics.Observe(gone, new CampaignCounts { Delivered = 1 });
            exporter.Collect();
            metrics.Forget(gone);
        }

        metrics.Observe(new NamespacedName("fleet", "now"), new CampaignCounts { Delivered = 77 });
        string[] series = [.. exporter.Collect().Split('\n').Where(line => line.StartsWith("push_campaign_targets{", StringComparison.Ordinal))];

        series.ShouldContain("push_campaign_targets{campaign=\"now\",namespace=\"fleet\",state=\"delivered\"} 77");
        series.Length.ShouldBe(8, "those of the others went with them");
    }
}
