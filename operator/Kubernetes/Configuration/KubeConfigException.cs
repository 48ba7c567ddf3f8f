namespace PushPlatform.Kubernetes.Configuration;

/// <summary>The configuration cannot be used; the message names every fault that was found, one a line.</summary>
public sealed class KubeConfigException(string source, IReadOnlyList<string> faults)
    : Exception($"{source} cannot be used:{string.Concat(faults.Select(static fault => $"\n- {fault}"))}")
{
    public IReadOnlyList<string> Faults { get; } = faults;
}
