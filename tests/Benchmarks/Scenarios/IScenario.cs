using PushPlatform.Benchmarks.Report;

namespace PushPlatform.Benchmarks.Scenarios;

/// <summary>One thing that is measured, with the targets that it judges.</summary>
internal interface IScenario
{
    /// <summary>As the command line names it.</summary>
    string Name { get; }

    /// <summary>Adds its tables and targets to the report.</summary>
    Task RunAsync(Workbench bench, BenchReport report);
}
