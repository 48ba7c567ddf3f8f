using System.Globalization;
using PushPlatform.Fleet;
using PushPlatform.Operator.Api;

namespace PushPlatform.Scenarios.Cluster;

/// <summary>
/// Cars behind nginx vanish without a word: their links stay open, as in a tunnel. nginx and the machine's TCP answer for them, and all the same the nodes notice within the
/// heartbeat's interval and time-out. When they are back they are told once.
/// </summary>
internal sealed class CutScenario : IClusterScenario
{
    private const int Cars = 200;

    // A node looks at its cars ten times a second, and the last pong may still have been on its way.
    private static readonly TimeSpan OfTheNode = TimeSpan.FromMilliseconds(300);

    public string Name => "cut";

    public string Story => "Cars behind nginx vanish without a word; the nodes notice within interval and time-out";

    public async Task<ScenarioOutcome> PlayAsync(ClusterStage stage, CancellationToken cancellationToken)
    {
        PushPool pool = await stage.Kubernetes.GetAsync<PushPool>("default", stage.Options.Namespace, cancellationToken) ?? throw new InvalidOperationException("There is no pool.");
        TimeSpan allowed = TimeSpan.FromSeconds(pool.Spec.Heartbeat.IntervalSeconds + pool.Spec.Heartbeat.TimeoutSeconds);
        await using CampaignStory story = await CampaignStory.BeginAsync(stage, Name, Cars, cancellationToken);
        IReadOnlyList<SimulatedVehicle> gone = story.BehindNginx;
        long connected = await ConnectedAsync(stage, cancellationToken);
        if (connected < Cars)
        {
            story.Fault($"the nodes say that {connected} cars are connected, and there are {Cars}");
        }
        await story.MeanwhileAsync($"The nodes say that {connected} cars are connected. {gone.Count} of them vanish without a word", async () =>
        {
            await Task.WhenAll(gone.Select(car => car.BreakAndStopAsync(LinkBreak.HalfOpen)));
            long vanished = stage.Time.GetTimestamp();
            long held = await ConnectedAsync(stage, cancellationToken) - (connected - gone.Count);
            if (held < gone.Count)
            {
                story.Fault($"the nodes noticed {gone.Count - held} cars at once: those did not vanish without a word");
            }
            // One look, at the last moment: if it finds none, they were noticed in time.
            await Task.Delay(allowed + OfTheNode - stage.Time.GetElapsedTime(vanished), stage.Time, cancellationToken);
            TimeSpan after = stage.Time.GetElapsedTime(vanished);
            held = await ConnectedAsync(stage, cancellationToken) - (connected - gone.Count);
            stage.Say($"After {after.TotalSeconds:0.0} s the nodes hold {held} of them for connected; {allowed.TotalSeconds} s are allowed");
            if (held > 0)
            {
                story.Fault($"after {after.TotalSeconds:0.0} s the nodes had not noticed {held} cars, and must within {allowed.TotalSeconds} s");
            }
        });
        foreach (SimulatedVehicle car in gone)
        {
            car.Start();
        }
        await Task.WhenAll(gone.Select(car => car.WhenConnectedAsync(cancellationToken)));
        stage.Say("They are back");
        return await story.EndAsync(cancellationToken);
    }

    /// <summary>Cars that the nodes hold for connected.</summary>
    private static async Task<long> ConnectedAsync(ClusterStage stage, CancellationToken cancellationToken)
    {
        long sum = 0;
        foreach (string node in await stage.Pods.NodesAsync(cancellationToken))
        {
            string metrics = await stage.Kubectl.RunAsync(cancellationToken, "get", "--raw", $"/api/v1/namespaces/{stage.Options.Namespace}/pods/{node}:8081/proxy/metrics");
            string line = metrics.Split('\n').FirstOrDefault(line => line.StartsWith("push_node_vehicles", StringComparison.Ordinal))
                ?? throw new InvalidOperationException($"{node} does not say how many cars it has.");
            sum += (long)double.Parse(line.Split(' ')[1], CultureInfo.InvariantCulture);
        }
        return sum;
    }
}
