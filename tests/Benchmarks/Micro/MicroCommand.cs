using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Diagnosers;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;

namespace PushPlatform.Benchmarks.Micro;

/// <summary><c>tests/bench micro</c>: the parts of the path of one frame by themselves, without sockets. Takes BenchmarkDotNet's own options.</summary>
internal static class MicroCommand
{
    public const string Name = "micro";

    public static int Run(string[] args)
    {
        // In this process: BenchmarkDotNet's generated projects would be built by the rules of this house, which they do not keep.
        ManualConfig config = ManualConfig.Create(DefaultConfig.Instance)
            .AddJob(Job.ShortRun.WithToolchain(InProcessEmitToolchain.Instance))
            .AddDiagnoser(MemoryDiagnoser.Default)
            .WithArtifactsPath(Path.Combine(Path.GetTempPath(), "push-bench-micro"));
        BenchmarkSwitcher.FromAssembly(typeof(MicroCommand).Assembly).Run(args.Length == 0 ? ["--filter", "*"] : args, config);
        return 0;
    }
}
