using System.CommandLine;
using System.Runtime.InteropServices;
using PushPlatform.LocalCluster.Api;
using PushPlatform.LocalCluster.Runner;

Option<int> port = new("--port") { Description = "Port of the API server on 127.0.0.1; 0: any free one." };
Option<string[]> images = new("--image") { Description = "IMAGE=PATH: the program, or .NET assembly, that stands for an image. May be repeated." };
Option<string?> kubeconfig = new("--kubeconfig-out") { Description = "Where to write the kubeconfig as well." };
Option<string?> cluster = new("--kubeconfig") { Description = "Run the Deployments of this API server instead of starting one." };
RootCommand command = new("A Kubernetes API in this process, and its Deployments as local processes.") { port, images, kubeconfig, cluster };
command.SetAction(async (arguments, cancellation) =>
{
    Dictionary<string, ImageProgram> programs = [];
    foreach (string mapping in arguments.GetValue(images) ?? [])
    {
        if (mapping.Split('=', 2) is not [var image, var path])
        {
            await Console.Error.WriteLineAsync($"--image {mapping}: not IMAGE=PATH");
            return 2;
        }
        programs[image] = ImageProgram.FromPath(path);
    }
    TaskCompletionSource ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    using PosixSignalRegistration term = PosixSignalRegistration.Create(PosixSignal.SIGTERM, signal => End(signal, ended));
    using PosixSignalRegistration interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, signal => End(signal, ended));

    string? existing = arguments.GetValue(cluster);
    await using LocalApiServer? api = existing is null ? await LocalApiServer.StartAsync(new LocalApiOptions { Port = arguments.GetValue(port) }, cancellation) : null;
    string configuration = existing ?? api!.KubeconfigPath;
    if (arguments.GetValue(kubeconfig) is { } copy)
    {
        File.Copy(configuration, copy, overwrite: true);
        configuration = Path.GetFullPath(copy);
    }
    await using ProcessRunner runner = await ProcessRunner.StartAsync(
        new ProcessRunnerOptions { KubeconfigPath = configuration, Images = programs, Log = Console.Error }, cancellation);
    api?.ServeLogs(runner.LogPath);
    Console.WriteLine($"export KUBECONFIG={configuration}");
    await ended.Task;
    return 0;
});
// Signals are ours: the library would give up on an orderly end after two seconds.
return await command.Parse(args).InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = null });

static void End(PosixSignalContext signal, TaskCompletionSource ended)
{
    signal.Cancel = true;
    ended.TrySetResult();
}
