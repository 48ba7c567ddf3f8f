namespace PushPlatform.Benchmarks.Machine;

/// <summary>The checkout that this assembly was built from.</summary>
internal static class Checkout
{
    /// <summary>Where PushPlatform.sln is.</summary>
    public static string Root { get; } = Find();

    /// <summary>An assembly that was built with this one, in the same configuration.</summary>
    public static string Assembly(string room, string name)
    {
        string separator = Path.DirectorySeparatorChar.ToString();
        bool debug = AppContext.BaseDirectory.Contains($"{separator}Debug{separator}", StringComparison.Ordinal);
        return Path.Combine(Root, room, "bin", debug ? "Debug" : "Release", "net10.0", $"{name}.dll");
    }

    private static string Find()
    {
        DirectoryInfo? here = new(AppContext.BaseDirectory);
        while (here is not null && !File.Exists(Path.Combine(here.FullName, "PushPlatform.sln")))
        {
            here = here.Parent;
        }

        return here?.FullName ?? throw new InvalidOperationException($"There is no PushPlatform.sln above {AppContext.BaseDirectory}.");
    }
}
