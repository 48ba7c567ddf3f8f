namespace PushPlatform.LocalCluster.Runner;

/// <summary>The program that stands for a container image; its arguments come before those of the container.</summary>
public sealed record ImageProgram(string FileName, IReadOnlyList<string> Arguments)
{
    /// <summary>
    /// What the program is told because it is a process and no container, such as to listen on the pod's address only; <c>$(POD_IP)</c> is put in.
    /// The pod's own environment wins.
    /// </summary>
    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();

    /// <summary>
    /// Variables that one pod is given in place of its own, such as addresses that lead through links of that pod; asked at each start of a container.
    /// </summary>
    public Func<PodIdentity, IReadOnlyDictionary<string, string>>? Overrides { get; init; }

    /// <summary>A .NET assembly runs under <c>dotnet</c>, everything else by itself.</summary>
    public static ImageProgram FromPath(string path) =>
        path.EndsWith(".dll", StringComparison.Ordinal) ? new ImageProgram("dotnet", [Path.GetFullPath(path)]) : new ImageProgram(path, []);
}

/// <summary>Which pod. It keeps its uid when its containers are started again; a pod that replaces it has another.</summary>
public sealed record PodIdentity(string Namespace, string Name, string Uid);
