using System.Diagnostics;
using System.Net;
using System.Text.Json;
using PushPlatform.Benchmarks.Machine;

namespace PushPlatform.Benchmarks.Client;

/// <summary>What is spoken inside of WebSocket's frames.</summary>
internal enum Dialect
{
    /// <summary>Every text is a message.</summary>
    Raw,

    /// <summary>push.v1: hello, welcome, acks.</summary>
    Push,

    /// <summary>SignalR's JSON protocol.</summary>
    SignalR,
}

/// <summary>Who the cars are and where they connect.</summary>
/// <param name="Path">Of the URL; <c>%s</c> is the vid.</param>
/// <param name="Targets">The cars take turns with them; with <paramref name="ComeBack"/> all begin with the first, and go to the next whenever they come back.</param>
/// <param name="ComeBack">Lost cars return, as PROTOCOL.md §6 says.</param>
internal sealed record FleetPlan(Dialect Dialect, string Path, IReadOnlyList<IPEndPoint> Targets, int Cars, bool ComeBack = false, bool Mute = false);

/// <summary>The one client of all servers: cars in as many processes as their descriptors need, each on one thread.</summary>
internal sealed class CarFleet : IAsyncDisposable
{
    /// <summary>A process may open 20,000 files.</summary>
    private const int MostOfOneProcess = 19_000;

    private const int Sources = 16;

    public static readonly TimeSpan ArrivalStep = TimeSpan.FromMilliseconds(10);

    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(50);

    private readonly List<(NativeProgram Program, int Cars)> _parts = [];

    public static CarFleet Start(string program, FleetPlan plan)
    {
        CarFleet fleet = new();
        int parts = (plan.Cars + MostOfOneProcess - 1) / MostOfOneProcess;
        for (int part = 0; part < parts; part++)
        {
            int first = (int)((long)plan.Cars * part / parts);
            int cars = (int)((long)plan.Cars * (part + 1) / parts) - first;
            fleet._parts.Add((NativeProgram.Start(program, Arguments(plan, first, cars)), cars));
        }

        return fleet;
    }

    /// <summary>Opens the first <paramref name="cars"/> connections and returns when all are welcomed.</summary>
    /// <exception cref="TimeoutException">They were not.</exception>
    public async Task OpenAsync(int cars, int perSecond, TimeSpan patience)
    {
        int all = _parts.Sum(part => part.Cars);
        foreach ((NativeProgram program, int own) in _parts)
        {
            await program.TellAsync($"open {(long)cars * own / all + 1} {(double)perSecond * own / all}");
        }

        await UntilAsync(tally => tally.Ready >= cars, patience, $"{cars} cars to be welcomed");
    }

    /// <summary>What was seen counts from here. Returns when it does: a client that is kept waiting may read its cars' sockets before its commands.</summary>
    public async Task ClearAsync()
    {
        await TellAsync("clear");
        await ReadAsync();
    }

    /// <summary>All leave.</summary>
    public Task ShutAsync() => TellAsync("shut");

    public async Task<CarTally> ReadAsync()
    {
        CarTally[] parts = await Task.WhenAll(_parts.Select(async part =>
            JsonSerializer.Deserialize(await part.Program.AskAsync("read"), CarTallyJson.Default.CarTally)!));
        return CarTally.Sum(parts);
    }

    /// <summary>How many messages arrived in each step of <see cref="ArrivalStep"/>, from the first message on.</summary>
    public async Task<IReadOnlyList<long>> ArrivalsAsync()
    {
        long[][] parts = await Task.WhenAll(_parts.Select(async part =>
            JsonSerializer.Deserialize(await part.Program.AskAsync("arrivals"), CarTallyJson.Default.Int64Array)!));
        parts = [.. parts.Where(part => part.Length > 1)];
        if (parts.Length == 0)
        {
            return [];
        }

        long first = parts.Min(part => part[0]);
        long[] arrivals = new long[parts.Max(part => part[0] + part.Length - 1) - first];
        foreach (long[] part in parts)
        {
            for (int i = 1; i < part.Length; i++)
            {
                arrivals[part[0] - first + i - 1] += part[i];
            }
        }

        return arrivals;
    }

    /// <summary>What was seen when the condition first held.</summary>
    /// <exception cref="TimeoutException">It never did; says what was seen last.</exception>
    public async Task<CarTally> UntilAsync(Func<CarTally, bool> condition, TimeSpan patience, string what)
    {
        long began = Stopwatch.GetTimestamp();
        while (true)
        {
            CarTally tally = await ReadAsync();
            if (condition(tally))
            {
                return tally;
            }

            if (Stopwatch.GetElapsedTime(began) > patience)
            {
                throw new TimeoutException($"Waited {patience.TotalSeconds:0} s for {what}, in vain: {tally}");
            }

            await Task.Delay(Look);
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach ((NativeProgram program, _) in _parts)
        {
            await program.DisposeAsync();
        }
    }

    private async Task TellAsync(string line)
    {
        foreach ((NativeProgram program, _) in _parts)
        {
            await program.TellAsync(line);
        }
    }

    private static List<string> Arguments(FleetPlan plan, int first, int cars)
    {
        List<string> arguments =
        [
            "--dialect", plan.Dialect.ToString().ToLowerInvariant(), "--path", plan.Path, "--prefix", "bench-", "--first", $"{first}", "--cars", $"{cars}",
            "--sources", $"{Sources}", "--comes-back", plan.ComeBack ? "yes" : "no", "--acks", plan.Mute ? "no" : "yes",
        ];
        foreach (IPEndPoint target in plan.Targets)
        {
            arguments.AddRange(["--target", target.ToString()]);
        }

        return arguments;
    }
}
