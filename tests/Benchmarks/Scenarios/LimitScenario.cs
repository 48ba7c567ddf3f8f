using PushPlatform.Benchmarks.Client;
using PushPlatform.Benchmarks.Machine;
using PushPlatform.Benchmarks.Report;
using PushPlatform.Benchmarks.Servers;
using PushPlatform.Delivery;

namespace PushPlatform.Benchmarks.Scenarios;

/// <summary>A node in a small container, as the kernel counts it: all cars come at once, hear messages, and come again.</summary>
internal sealed class LimitScenario : IScenario
{
    private const int PingSeconds = 5;
    private const double Mebibyte = 1024 * 1024;
    private const int Limit = 256;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    public string Name => "limit";

    public async Task RunAsync(Workbench bench, BenchReport report)
    {
        string goal = $"container limit: {bench.Options.Connections} cars in {Limit} MiB through a storm and {bench.Options.Rounds} messages to all";
        using MemoryGroup? group = MemoryGroup.TryCreate((long)(Limit * Mebibyte), out string? why);
        if (group is null)
        {
            report.Goals.Add(new Goal(goal, null, $"no control group can be made here: {why}"));
            return;
        }

        int cars = bench.Options.Connections;
        PoolName pool = bench.NewPool();
        await using OurNode dying = await bench.StartNodeAsync(pool, "limit-1", PingSeconds);
        await using OurNode small = await bench.StartNodeAsync(pool, "limit-2", PingSeconds, group);
        await bench.WarmUpAsync(small);
        long kernelBefore = group.Kernel;
        long residentBefore = ProcessMeter.ResidentBytes(small.ProcessId);
        await using CarFleet fleet = bench.StartCars(new FleetPlan(dying.Dialect, dying.Path, [dying.EndPoint, small.EndPoint], cars, ComeBack: true));
        await fleet.OpenAsync(cars, BenchOptions.ConnectsPerSecond, bench.Options.ConnectPatience);

        Workbench.Say("limit: the storm");
        await dying.KillAsync();
        await fleet.UntilAsync(tally => tally.Lost >= cars && tally.Ready >= cars, Patience, "all cars to be back");
        double afterStorm = group.Peak / Mebibyte;

        Workbench.Say("limit: the messages");
        await fleet.ClearAsync();
        for (int round = 1; round <= bench.Options.Rounds; round++)
        {
            await small.PublishAsync(BenchMessage.TextFor(small));
            await fleet.UntilAsync(tally => tally.Messages >= (long)round * cars, Patience, $"message {round}");
        }

        CarTally told = await fleet.ReadAsync();
        await Task.Delay(bench.Options.Settle);
        double kernel = (group.Kernel - kernelBefore) / 1024.0 / cars;
        double resident = (ProcessMeter.ResidentBytes(small.ProcessId) - residentBefore) / 1024.0 / cars;
        bool lives = group.Killed == 0 && told.Messages == (long)bench.Options.Rounds * cars && (await fleet.ReadAsync()).Ready == cars;
        report.Tables.Add(new Table(
            $"One node in a container of {Limit} MiB, {cars} cars",
            ["before any car, MiB", "peak of the storm, MiB", "peak of all, MiB", "at the end, MiB", "KB / car of the process", "KB / car of the kernel (sockets)"],
            [[
                Table.Cell(residentBefore / Mebibyte, "0"), Table.Cell(afterStorm, "0"), Table.Cell(group.Peak / Mebibyte, "0"), Table.Cell(group.Used / Mebibyte, "0"),
                Table.Cell(resident), Table.Cell(kernel),
            ]]));
        report.Goals.Add(new Goal(goal, lives, $"{told.Messages} messages, {group.Killed} killed, at most {group.Peak / Mebibyte:0} MiB"));
    }
}
