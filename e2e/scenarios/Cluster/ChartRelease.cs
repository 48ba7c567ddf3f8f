using PushPlatform.Scenarios.Stages;

namespace PushPlatform.Scenarios.Cluster;

/// <summary>A release of this checkout's chart, dealt with by helm as a person would.</summary>
/// <param name="space">The release's namespace.</param>
internal sealed class ChartRelease(string space)
{
    /// <summary>Every release of a scenario is called so: names of its objects differ in the namespace alone.</summary>
    public const string Name = "push-platform";

    private static readonly string Chart = Path.Combine(Checkout.OfThisBuild().Root, "charts", "push-platform");

    /// <summary>What it was installed with, as YAML.</summary>
    public Task<string> ValuesAsync(CancellationToken cancellationToken) => HelmAsync("", cancellationToken, "get", "values", Name, "--output", "yaml");

    /// <summary>Installs it, or upgrades it to just these values, and waits until all that it consists of is ready.</summary>
    /// <param name="values">As YAML.</param>
    /// <param name="more">As with <c>--set</c>.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public Task InstallAsync(string values, IEnumerable<string> more, CancellationToken cancellationToken) => ChangeAsync(values, ["--install", "--values", "-"], more, cancellationToken);

    /// <summary>Upgrades it to other values than it has, and waits until all that it consists of is ready.</summary>
    public Task UpgradeAsync(CancellationToken cancellationToken, params string[] more) => ChangeAsync("", ["--reuse-values"], more, cancellationToken);

    public Task UninstallAsync(CancellationToken cancellationToken) => HelmAsync("", cancellationToken, "uninstall", Name);

    private async Task ChangeAsync(string values, string[] how, IEnumerable<string> more, CancellationToken cancellationToken)
    {
        await HelmAsync(values, cancellationToken, ["upgrade", Name, Chart, .. how, .. more.SelectMany(set => new[] { "--set", set }), "--wait", "--timeout", "3m"]);
    }

    private async Task<string> HelmAsync(string input, CancellationToken cancellationToken, params string[] arguments)
    {
        (int code, string said) = await CommandLine.TryAsync("helm", input, ["--namespace", space, .. arguments], cancellationToken);
        return code == 0 ? said : throw new InvalidOperationException($"helm {string.Join(' ', arguments)}: {said}");
    }
}
