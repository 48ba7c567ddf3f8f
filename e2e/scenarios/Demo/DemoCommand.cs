using System.CommandLine;
using System.Runtime.InteropServices;
using PushPlatform.Kubernetes.Client;
using PushPlatform.Kubernetes.Configuration;
using PushPlatform.Scenarios.Canary;
using PushPlatform.Scenarios.Hotfix;
using PushPlatform.Scenarios.Outage;
using PushPlatform.Scenarios.Stages;

namespace PushPlatform.Scenarios.Demo;

/// <summary>The command line of <c>e2e/demo</c>.</summary>
internal static class DemoCommand
{
    public static RootCommand Create(TimeProvider time)
    {
        Option<Scenario> scenario = new("--scenario") { Description = "The story: hotfix (a node dies, cars come and go) outage (one full node, both servers restart) or canary (step by step, with a patch that fails)." };
        Option<int?> vehicles = new("--vehicles") { Description = "Cars that are known before the start; default 1000, for the outage 15000." };
        Option<bool> json = new("--json") { Description = "Print one JSON object on standard output; progress goes to standard error." };
        Option<bool> keep = new("--keep") { Description = "Stay up afterwards and print the KUBECONFIG to use with kubectl." };
        vehicles.Validators.Add(result =>
        {
            int most = DemoOptions.MaxVehicles(result.GetValue(scenario));
            if (result.GetValue(vehicles) is { } given && (given < DemoOptions.MinVehicles || given > most))
            {
                result.AddError($"--vehicles is a number from {DemoOptions.MinVehicles} to {most} here.");
            }
        });

        RootCommand command = new("The main job, for real and on this machine: a hotfix to a fleet of simulated cars.") { scenario, vehicles, json, keep };
        command.SetAction((parsed, cancellationToken) =>
        {
            Scenario story = parsed.GetValue(scenario);
            int cars = parsed.GetValue(vehicles) ?? DemoOptions.DefaultVehicles(story);
            return RunAsync(new DemoOptions(story, cars, parsed.GetValue(json), parsed.GetValue(keep)), time, cancellationToken);
        });
        return command;
    }

    private static async Task<int> RunAsync(DemoOptions options, TimeProvider time, CancellationToken cancellationToken)
    {
        long begin = time.GetTimestamp();
        await using IDemoView view = View(options, time);
        try
        {
            await using Stage stage = await Stage.SetUpAsync(
                new StageOptions { Nodes = options.Nodes, ApiFromEnvironment = true, Say = view.Say, Time = time }, cancellationToken);
            await using IStory story = options.Scenario switch
            {
                Scenario.Outage => await OutageStory.OnAsync(stage, options.Vehicles, view, time, cancellationToken),
                Scenario.Canary => new CanaryStory(stage, options.Vehicles, view, time),
                _ => new HotfixStory(stage, options.Vehicles, view, time),
            };
            StoryReport report = await story.PlayAsync(cancellationToken);
            await view.ConcludeAsync(report);
            await Console.Error.WriteLineAsync($"{BuildAndRun(time, begin):0} s in all, build included, packages not.");
            if (options.Json)
            {
                Console.WriteLine(report.ToJson());
            }

            if (options.Keep)
            {
                await KeepAsync(stage, cancellationToken);
            }

            return report.Good ? 0 : 1;
        }
        catch (Exception broken) when (broken is TimeoutException or KubernetesException or KubeConfigException or InvalidOperationException or IOException)
        {
            view.Say(broken.Message);
            return 1;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            view.Say("Stopped.");
            return 130;
        }
    }

    // The script that built this says how long that took.
    private static double BuildAndRun(TimeProvider time, long begin) =>
        time.GetElapsedTime(begin).TotalSeconds
        + (double.TryParse(Environment.GetEnvironmentVariable("PUSH_DEMO_SECONDS_BEFORE"), out double before) ? before : 0);

    private static IDemoView View(DemoOptions options, TimeProvider time) =>
        options.Json ? new LineView(Console.Error, time)
        : Console.IsOutputRedirected ? new LineView(Console.Out, time)
        : new LiveView(time);

    private static async Task KeepAsync(Stage stage, CancellationToken cancellationToken)
    {
        TextWriter output = Console.Error;
        await output.WriteLineAsync();
        await output.WriteLineAsync("It stays up until you press Ctrl-C. In another terminal:");
        await output.WriteLineAsync();
        await output.WriteLineAsync($"  export KUBECONFIG={stage.KubeconfigPath}");
        await output.WriteLineAsync("  kubectl get pcam,ppool,pods        (no kubectl? alias kubectl=$(e2e/tools kubectl))");
        await output.WriteLineAsync("  kubectl describe pcam brake-hotfix");
        await output.WriteLineAsync($"  alias push={stage.Checkout.Executable("operator/KubectlPush", "kubectl-push")}        (kubectl push, where it is installed)");
        await output.WriteLineAsync("  push status brake-hotfix; push export brake-hotfix | head; push vehicle steady-00001");
        await output.FlushAsync(cancellationToken);
        TaskCompletionSource stop = new(TaskCreationOptions.RunContinuationsAsynchronously);
        using PosixSignalRegistration terminated = PosixSignalRegistration.Create(PosixSignal.SIGTERM, context =>
        {
            context.Cancel = true;
            stop.TrySetResult();
        });
        await stop.Task.WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }
}
