namespace PushPlatform.Scenarios.Demo;

/// <summary>What <c>e2e/demo</c> can play.</summary>
internal enum Scenario
{
    /// <summary>A hotfix to a fleet of which parts are away, drop, or appear meanwhile, with a node killed.</summary>
    Hotfix,

    /// <summary>One full node, full speed, RabbitMQ and Redis restarted in the middle.</summary>
    Outage,

    /// <summary>A patch that fails on a part of the fleet: it spreads step by step, is stopped by a limit, and a better one goes to all.</summary>
    Canary,
}

/// <summary>What the person asked <c>e2e/demo</c> for.</summary>
/// <param name="Scenario">The story.</param>
/// <param name="Vehicles">Cars that are connected once before the campaign starts, <see cref="MinVehicles"/> to <see cref="MaxVehicles"/>; newcomers come on top.</param>
/// <param name="Json">One JSON object on standard output; progress goes to standard error.</param>
/// <param name="Keep">Stay up afterwards, until a signal.</param>
internal sealed record DemoOptions(Scenario Scenario, int Vehicles, bool Json, bool Keep)
{
    public const int MinVehicles = 50;

    /// <summary>Push nodes of the stage.</summary>
    public int Nodes => Scenario == Scenario.Outage ? 1 : 2;

    public static int DefaultVehicles(Scenario scenario) => scenario == Scenario.Outage ? 15_000 : 1_000;

    // A process may usually have 20,000 descriptors. The outage's cars need one each; those of the hotfix go through the Service's forwarder
    // in this same process, which makes it three.
    public static int MaxVehicles(Scenario scenario) => scenario == Scenario.Outage ? 18_000 : 5_000;
}
