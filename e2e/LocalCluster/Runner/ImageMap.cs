namespace PushPlatform.LocalCluster.Runner;

/// <summary>The program that stands for a container image; its arguments come before those of the container.</summary>
public sealed record ImageProgram(string FileName, IReadOnlyList<string> Arguments)
{
    /// <summary>
    /// What the program is told because it is a process and no container, such as to listen on the pod's address only; <c>$(POD_IP)</c> is put in.
    /// The pod's own environment wins.
    /// </summary>
    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();

    /// <summary>A .NET assembly runs under <c>dotnet</c>, everything else by itself.</summary>
    public static ImageProgram FromPath(string path) =>
        path.EndsWith(".dll", StringComparison.Ordinal) ? new ImageProgram("dotnet", [Path.GetFullPath(path)]) : new ImageProgram(path, []);
}
