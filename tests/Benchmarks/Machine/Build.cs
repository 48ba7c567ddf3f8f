using PushPlatform.Scenarios.Stages;

namespace PushPlatform.Benchmarks.Machine;

/// <summary>What was built from this checkout, in this assembly's configuration.</summary>
internal static class Build
{
    private static readonly Checkout Own = Checkout.OfThisBuild();

    /// <summary>Where PushPlatform.sln is.</summary>
    public static string Root => Own.Root;

    public static string Assembly(string room, string name) => Path.Combine(Root, room, "bin", Own.Configuration, "net10.0", $"{name}.dll");
}
