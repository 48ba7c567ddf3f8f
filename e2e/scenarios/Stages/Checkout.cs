using PushPlatform.LocalCluster.Runner;

namespace PushPlatform.Scenarios.Stages;

/// <summary>The checkout that this assembly was built from, and the executables that were built with it.</summary>
/// <param name="Root">Where PushPlatform.sln is.</param>
/// <param name="Configuration"><c>Release</c> or <c>Debug</c>.</param>
internal sealed record Checkout(string Root, string Configuration)
{
    /// <exception cref="InvalidOperationException">This assembly lies outside of any checkout.</exception>
    public static Checkout OfThisBuild()
    {
        DirectoryInfo? here = new(AppContext.BaseDirectory);
        while (here is not null && !File.Exists(Path.Combine(here.FullName, "PushPlatform.sln")))
        {
            here = here.Parent;
        }
        string separator = Path.DirectorySeparatorChar.ToString();
        bool debug = AppContext.BaseDirectory.Contains($"{separator}Debug{separator}", StringComparison.Ordinal);
        return new Checkout(
            here?.FullName ?? throw new InvalidOperationException($"There is no PushPlatform.sln above {AppContext.BaseDirectory}."), debug ? "Debug" : "Release");
    }

    /// <summary>One of our executables, for a person to start.</summary>
    public string Executable(string room, string name) => Path.Combine(Root, room, "bin", Configuration, "net10.0", name);

    /// <summary>One of our executables as an image. Every pod has a loopback address of its own; its program listens on that one only, as a container would by nature.</summary>
    public ImageProgram Program(string room, string assembly, string bindVariable) =>
        ImageProgram.FromPath(Path.Combine(Root, room, "bin", Configuration, "net10.0", $"{assembly}.dll")) with
        {
            Environment = new Dictionary<string, string> { [bindVariable] = "$(POD_IP)" },
        };
}
