using PushPlatform.Fleet;
using PushPlatform.Kubernetes.Models;
using PushPlatform.Operator.Api;

namespace PushPlatform.Scenarios.Cluster;

/// <summary>In the middle of a push the pods of a node, of the leading operator, of Redis and of RabbitMQ die, one after the other. Each target is told once.</summary>
internal sealed class BreakdownsScenario : IClusterScenario
{
    private const int Count = 1_000;
    private const int MaxPerSecond = 25;
    private const string PoolLabel = "pushplatform.io/pool";
    private const string ComponentLabel = "app.kubernetes.io/component";
    private const string OperatorLease = "push-operator-leader";

    public string Name => "breakdowns";

    public string Story => "node, operator leader, Redis and RabbitMQ die one after the other in mid-campaign; 1,000 cars are told once each";

    public async Task<ScenarioOutcome> PlayAsync(ClusterStage stage, CancellationToken cancellationToken)
    {
        ScenarioRun run = new(stage, Name);
        await using VehicleFleet fleet = stage.NewFleet(stage.Options.Service);
        FleetGroup cars = fleet.Add(run.Cars("car", Count));
        await cars.ConnectAsync(cancellationToken);
        await stage.ApplyAsync(run.HeldCampaign(MaxPerSecond), cancellationToken);
        await stage.WhenAsync(run.Name, "the preview", status => status.Preview?.Online == Count, cancellationToken);
        await stage.SuspendAsync(run.Name, false, cancellationToken);

        (string What, Func<Task<string>> Victim)[] deaths =
        [
            ("a push node", () => stage.FirstPodAsync($"{PoolLabel}={ClusterOptions.Pool}", cancellationToken)),
            ("the leading operator", () => LeaderAsync(stage, cancellationToken)),
            ("Redis", () => stage.FirstPodAsync($"{ComponentLabel}=redis", cancellationToken)),
            ("RabbitMQ", () => stage.FirstPodAsync($"{ComponentLabel}=rabbitmq", cancellationToken)),
        ];
        for (int death = 0; death < deaths.Length; death++)
        {
            int toldBefore = Count * (death + 1) / (deaths.Length + 2);
            await stage.UntilAsync($"{toldBefore} cars to be told", _ => Task.FromResult(Told(cars) >= toldBefore), cancellationToken);
            string victim = await deaths[death].Victim();
            stage.Say($"{Told(cars)} cars have been told. {deaths[death].What} dies ({victim})");
            await stage.KillAsync(victim, cancellationToken);
        }

        PushCampaign complete = await stage.WhenTrueAsync(run.Name, "Complete", cancellationToken);
        return await run.JudgeAsync(complete, cars.Vehicles, [], caughtUp: 0, cancellationToken);
    }

    private static int Told(FleetGroup cars) => cars.Vehicles.Count(car => car.Seen.Count > 0);

    /// <summary>A holder is named after its host, which in a cluster is the pod.</summary>
    private static async Task<string> LeaderAsync(ClusterStage stage, CancellationToken cancellationToken)
    {
        V1Lease? lease = await stage.Kubernetes.GetAsync<V1Lease>(OperatorLease, stage.Options.Namespace, cancellationToken);
        return lease?.Spec?.HolderIdentity?.Split('_')[0] ?? throw new InvalidOperationException($"Nobody holds the Lease {OperatorLease}.");
    }
}
