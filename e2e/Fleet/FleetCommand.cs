using System.CommandLine;
using System.Text.Json;

namespace PushPlatform.Fleet;

/// <summary>The command line: cars of one kind that connect, stay, and report in the end.</summary>
internal static class FleetCommand
{
    internal static RootCommand Create()
    {
        Option<string[]> url = new("--url") { Description = "Where push nodes listen, e.g. ws://127.0.0.1:7070/ws; may be repeated.", Required = true };
        Option<int> vehicles = new("--vehicles") { Description = "How many cars, at most 19000.", DefaultValueFactory = _ => 100 };
        Option<string> name = new("--name") { Description = "The vids are <name>-00001 and so on.", DefaultValueFactory = _ => "car" };
        Option<string[]> labels = new("--labels") { Description = "Labels, e.g. model=x7 firmware=4.1.0.", AllowMultipleArgumentsPerToken = true, DefaultValueFactory = _ => [] };
        Option<int> rate = new("--rate") { Description = "How many cars connect per second.", DefaultValueFactory = _ => 500 };
        Option<double?> seconds = new("--seconds") { Description = "How long they stay; until Ctrl-C without it." };
        Option<VehicleAnswer> answer = new("--answer") { Description = "What they answer.", DefaultValueFactory = _ => VehicleAnswer.Received };
        url.Validators.Add(result => Require(result, url, urls => urls!.All(text => Uri.TryCreate(text, UriKind.Absolute, out Uri? uri) && uri.Scheme is "ws" or "wss"), "--url begins with ws:// or wss://."));
        vehicles.Validators.Add(result => Require(result, vehicles, count => count is >= 1 and <= 19_000, "--vehicles is a number from 1 to 19000."));
        rate.Validators.Add(result => Require(result, rate, count => count >= 1, "--rate is at least 1."));
        labels.Validators.Add(result => Require(result, labels, pairs => pairs!.All(pair => pair.IndexOf('=') > 0), "--labels are written name=value."));

        RootCommand command = new("Simulated cars in one process. Prints a JSON report in the end.") { url, vehicles, name, labels, rate, seconds, answer };
        command.SetAction((parsed, cancellationToken) => RunAsync(
            new FleetOptions { Endpoints = [.. parsed.GetRequiredValue(url).Select(text => new Uri(text))], ConnectsPerSecond = parsed.GetValue(rate) },
            new VehicleGroup(parsed.GetRequiredValue(name), parsed.GetValue(vehicles))
            {
                Labels = parsed.GetRequiredValue(labels).Select(pair => pair.Split('=', 2)).ToDictionary(pair => pair[0], pair => pair[1]),
                Answer = parsed.GetValue(answer),
            },
            parsed.GetValue(seconds),
            cancellationToken));
        return command;
    }

    private static async Task<int> RunAsync(FleetOptions options, VehicleGroup group, double? seconds, CancellationToken cancellationToken)
    {
        VehicleFleet fleet = new(options);
        await using (fleet)
        {
            FleetGroup cars = fleet.Add(group);
            try
            {
                await cars.ConnectAsync(cancellationToken);
                await Console.Error.WriteLineAsync($"{cars.ConnectedCount} of {group.Count} cars connected");
                await Task.Delay(seconds is { } time ? TimeSpan.FromSeconds(time) : Timeout.InfiniteTimeSpan, options.Time, cancellationToken);
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                // Ctrl-C ends the stay; the report follows.
            }

            Console.WriteLine(JsonSerializer.Serialize(fleet.Report(), FleetReportJson.Default.FleetReport));
        }

        return 0;
    }

    private static void Require<T>(System.CommandLine.Parsing.OptionResult result, Option<T> option, Func<T?, bool> holds, string message)
    {
        if (!holds(result.GetValue(option)))
        {
            result.AddError(message);
        }
    }
}
