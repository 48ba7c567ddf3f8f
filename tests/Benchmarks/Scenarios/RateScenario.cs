using PushPlatform.Benchmarks.Client;
using PushPlatform.Benchmarks.Report;
using PushPlatform.Benchmarks.Servers;
using PushPlatform.Delivery;
using PushPlatform.Delivery.Orders;

namespace PushPlatform.Benchmarks.Scenarios;

/// <summary>The rate over two nodes, as it arrives at the cars. They answer nothing, so sends go on and on at the rate, repeats included.</summary>
internal sealed class RateScenario : IScenario
{
    private const int Seconds = 14;
    private const int MeanOf = 10;
    private static readonly int StepsOfASecond = (int)(TimeSpan.FromSeconds(1) / CarFleet.ArrivalStep);

    public string Name => "rate";

    public async Task RunAsync(Workbench bench, BenchReport report)
    {
        PoolName pool = bench.NewPool();
        await using OurNode first = await bench.StartNodeAsync(pool, "rate-1", pingSeconds: 5);
        await using OurNode second = await bench.StartNodeAsync(pool, "rate-2", pingSeconds: 5);
        await using CampaignDesk desk = await CampaignDesk.OpenAsync(bench.Servers, pool);
        await using CarFleet fleet = bench.StartCars(
            new FleetPlan(first.Dialect, first.Path, [first.EndPoint, second.EndPoint], bench.Options.Connections, Mute: true));
        await fleet.OpenAsync(bench.Options.Connections, BenchOptions.ConnectsPerSecond, bench.Options.ConnectPatience);

        List<IReadOnlyList<string>> rows = [];
        foreach (int rate in new[] { 100, 1000, 5000 })
        {
            Workbench.Say($"rate: {rate} a second");
            IReadOnlyList<long> arrivals = await SendAsync(bench, desk, fleet, rate);
            double mean = Window(arrivals, MeanOf).Skip(StepsOfASecond / 2).First() / (double)MeanOf;
            double fullest = Enumerable.Range(1, MeanOf).Max(window => Window(arrivals, window).Max() / (double)(rate * (window + 1)));
            rows.Add([$"{rate}", Table.Cell(mean, "0"), Table.Cell(mean / rate, "0.000"), Table.Cell(fullest, "0.00")]);
            // A silent car may be sent to again after a second; with few cars there would be nobody to send to.
            bool enough = bench.Options.Connections >= 2 * rate;
            report.Goals.AddRange(
                new Goal($"4 rate: mean of {MeanOf} s at {rate}/s", enough ? Math.Abs((mean / rate) - 1) <= 0.05 : null, $"{mean:0}/s, to be within ± 5 %{(enough ? "" : "; too few cars")}", mean, rate),
                Goal.AtMost($"4 rate: fullest window at {rate}/s, against rate × (w + 1)", fullest, 1));
        }

        report.Tables.Add(new Table(
            $"Two nodes, {bench.Options.Connections} cars: what arrives", ["rate / s", $"mean of {MeanOf} s", "× rate", $"fullest window of 1–{MeanOf} s, × rate × (w + 1)"], rows));
    }

    private static async Task<IReadOnlyList<long>> SendAsync(Workbench bench, CampaignDesk desk, CarFleet fleet, int rate)
    {
        // One second is time enough for an answer that never comes; attempts are not to be used up.
        Order order = await desk.FreezeAsync($"rate-{rate}", bench.Options.Connections, new DeliveryRules { AckTimeoutSeconds = 1, MaxAttempts = 1000 });
        await fleet.ClearAsync();
        order = await desk.OpenAsync(order, rate);
        await Task.Delay(TimeSpan.FromSeconds(Seconds));
        IReadOnlyList<long> arrivals = await fleet.ArrivalsAsync();
        await desk.CloseAsync(order);
        await Task.Delay(TimeSpan.FromSeconds(1));
        return arrivals;
    }

    /// <summary>How many arrived in each window of so many seconds.</summary>
    /// <exception cref="InvalidOperationException">Nothing arrived for long enough.</exception>
    private static IEnumerable<long> Window(IReadOnlyList<long> arrivals, int seconds)
    {
        int width = seconds * StepsOfASecond;
        if (arrivals.Count < width + StepsOfASecond)
        {
            throw new InvalidOperationException($"Messages arrived for {arrivals.Count / (double)StepsOfASecond:0.0} s only.");
        }

        long sum = 0;
        for (int step = 0; step < arrivals.Count; step++)
        {
            sum += arrivals[step] - (step >= width ? arrivals[step - width] : 0);
            if (step >= width - 1)
            {
                yield return sum;
            }
        }
    }
}
