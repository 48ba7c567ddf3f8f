using System.Net;
using System.Text;
using Shouldly;
using Xunit;

namespace PushPlatform.Tests.Integration.PushNode;

public sealed class CrowdTests
{
    [Fact]
    public async Task AStormOfArrivals_IsAnswered_NeverHangs()
    {
        const int Arrivals = 200;
        await using TestNode node = await TestNode.StartAsync(TestNode.Options with { HandshakesPerSecond = 5 });

        string[] answers = await Task.WhenAll(Enumerable.Range(0, Arrivals).Select(async i =>
        {
            using RawCar car = await RawCar.ConnectAsync(node.Vehicles);
            await car.SendAsync(Encoding.ASCII.GetBytes(RawCar.Request($"car-{i}")));
            return await car.ReadHeadAsync();
        }));

        string[] sentAway = [.. answers.Where(answer => answer.StartsWith("HTTP/1.1 503 ", StringComparison.Ordinal))];
        answers.Count(answer => answer.StartsWith("HTTP/1.1 101 ", StringComparison.Ordinal)).ShouldBe(Arrivals - sentAway.Length);
        sentAway.Length.ShouldBeGreaterThan(0);
        int[] waits = [.. sentAway.Select(RetryAfter)];
        waits.ShouldAllBe(seconds => seconds >= 1 && seconds <= 60);
        waits.Distinct().Count().ShouldBeGreaterThan(1, "all would come back in the same second");
        Metric((await HealthAsync(node, "/metrics")).Text, """push_node_handshakes_total{outcome="throttled"}""").ShouldBe(sentAway.Length);
    }

    [Fact]
    public async Task ANodeThatDrains_SaysByeToAll_AndTurnsNewcomersAway()
    {
        const int Cars = 40;
        await using TestNode node = await TestNode.StartAsync(TestNode.Options with { Drain = TimeSpan.FromSeconds(2) });
        List<RawCar> cars = [];
        for (int i = 0; i < Cars; i++)
        {
            cars.Add(await RawCar.ArriveAsync(node.Vehicles, $"car-{i}"));
        }

        (await HealthAsync(node, "/readyz")).Status.ShouldBe(HttpStatusCode.OK);
        Task stopping = node.StopAsync();
        (IReadOnlyList<CarFrame> Before, int? Code)[] ends = await Task.WhenAll(cars.Select(async car =>
        {
            var end = await car.ReadToCloseAsync();
            if (car == cars[0])
            {
                // The drain is under way: at least this car has not gone yet.
                (HttpStatusCode status, string text) = await HealthAsync(node, "/readyz");
                status.ShouldBe(HttpStatusCode.ServiceUnavailable);
                text.ShouldContain("leaving");
                using RawCar newcomer = await RawCar.ConnectAsync(node.Vehicles);
                await newcomer.SendAsync(Encoding.ASCII.GetBytes(RawCar.Request("newcomer")));
                RetryAfter(await newcomer.ReadHeadAsync()).ShouldBeInRange(1, 2);
            }

            await car.SendCloseAsync(1012);
            return end;
        }));
        await stopping;

        ends.ShouldAllBe(end => end.Code == 1012);
        foreach ((IReadOnlyList<CarFrame> before, _) in ends)
        {
            ((string?)before[^1].Json!["reason"]).ShouldBe("draining");
            ((int)before[^1].Json!["reconnectAfterMs"]!).ShouldBeInRange(0, 3_600_000);
        }

        node.Events.Story.Count(line => line.StartsWith("left", StringComparison.Ordinal)).ShouldBe(Cars);
        cars.ForEach(car => car.Dispose());
    }

    [Fact]
    public async Task Health_TellsOfLoopsAndConnections_AndNamesNoCar()
    {
        await using TestNode node = await TestNode.StartAsync();
        using RawCar car = await RawCar.ArriveAsync(node.Vehicles, "car-secret");

        (await HealthAsync(node, "/healthz")).ShouldBe((HttpStatusCode.OK, """{"healthy":true,"silentLoops":[],"faults":[]}"""));
        (_, string metrics) = await HealthAsync(node, "/metrics");

        Metric(metrics, "push_node_vehicles").ShouldBe(1);
        Metric(metrics, """push_node_frames_received_total{kind="hello"}""").ShouldBe(1);
        metrics.ShouldNotContain("car-secret");
    }

    private static double Metric(string metrics, string series) =>
        metrics.Split('\n').Where(line => line.StartsWith(series + " ", StringComparison.Ordinal)).Select(line => double.Parse(line[(series.Length + 1)..])).Single();

    private static int RetryAfter(string head) =>
        int.Parse(head.Split("\r\n").Single(line => line.StartsWith("Retry-After: ", StringComparison.Ordinal))["Retry-After: ".Length..]);

    private static async Task<(HttpStatusCode Status, string Text)> HealthAsync(TestNode node, string path)
    {
        using HttpClient client = new();
        using HttpResponseMessage answer = await client.GetAsync(new Uri($"http://{node.Health}{path}"));
        return (answer.StatusCode, await answer.Content.ReadAsStringAsync());
    }
}
