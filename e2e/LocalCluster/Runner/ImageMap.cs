namespace PushPlatform.LocalCluster.Runner;

/// <summary>The program that stands for a container image; its arguments come before those of the container.</summary>
public sealed record ImageProgram(string FileName, IReadOnlyList<string> Arguments)
{
    /// <summary>A .NET assembly runs under <c>dotnet</c>, everything else by itself.</summary>
    public static ImageProgram FromPath(string path) =>
        path.EndsWith(".dll", StringComparison.Ordinal) ? new ImageProgram("dotnet", [Path.GetFullPath(path)]) : new ImageProgram(path, []);
}
