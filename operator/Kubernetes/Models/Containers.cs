namespace PushPlatform.Kubernetes.Models;

public sealed record V1Container
{
    public string Name { get; set; } = "";

    public string? Image { get; set; }

    public string? ImagePullPolicy { get; set; }

    public List<string>? Command { get; set; }

    public List<string>? Args { get; set; }

    public string? WorkingDir { get; set; }

    public List<V1ContainerPort>? Ports { get; set; }

    public List<V1EnvVar>? Env { get; set; }

    public V1ResourceRequirements? Resources { get; set; }

    public V1Probe? LivenessProbe { get; set; }

    public V1Probe? ReadinessProbe { get; set; }

    public V1Probe? StartupProbe { get; set; }

    public V1SecurityContext? SecurityContext { get; set; }

    public List<V1VolumeMount>? VolumeMounts { get; set; }
}

public sealed record V1ContainerPort
{
    public string? Name { get; set; }

    public int ContainerPort { get; set; }

    public string? Protocol { get; set; }
}

public sealed record V1EnvVar
{
    public string Name { get; set; } = "";

    public string? Value { get; set; }

    public V1EnvVarSource? ValueFrom { get; set; }
}

public sealed record V1EnvVarSource
{
    public V1ObjectFieldSelector? FieldRef { get; set; }

    public V1KeySelector? SecretKeyRef { get; set; }

    public V1KeySelector? ConfigMapKeyRef { get; set; }
}

public sealed record V1ObjectFieldSelector
{
    public string FieldPath { get; set; } = "";
}

/// <summary>One key of a Secret or ConfigMap.</summary>
public sealed record V1KeySelector
{
    public string? Name { get; set; }

    public string Key { get; set; } = "";

    public bool? Optional { get; set; }
}

/// <summary>Quantities stay the strings that they are on the wire (<c>250m</c>, <c>1Gi</c>).</summary>
public sealed record V1ResourceRequirements
{
    public Dictionary<string, string>? Limits { get; set; }

    public Dictionary<string, string>? Requests { get; set; }
}

public sealed record V1Probe
{
    public V1HTTPGetAction? HttpGet { get; set; }

    public V1TCPSocketAction? TcpSocket { get; set; }

    public int? InitialDelaySeconds { get; set; }

    public int? PeriodSeconds { get; set; }

    public int? TimeoutSeconds { get; set; }

    public int? SuccessThreshold { get; set; }

    public int? FailureThreshold { get; set; }
}

public sealed record V1HTTPGetAction
{
    public string? Path { get; set; }

    public IntOrString Port { get; set; }

    public string? Scheme { get; set; }
}

public sealed record V1TCPSocketAction
{
    public IntOrString Port { get; set; }
}

public sealed record V1SecurityContext
{
    public bool? AllowPrivilegeEscalation { get; set; }

    public bool? ReadOnlyRootFilesystem { get; set; }

    public bool? RunAsNonRoot { get; set; }

    public V1Capabilities? Capabilities { get; set; }

    public V1SeccompProfile? SeccompProfile { get; set; }
}

public sealed record V1Capabilities
{
    public List<string>? Add { get; set; }

    public List<string>? Drop { get; set; }
}

public sealed record V1VolumeMount
{
    public string Name { get; set; } = "";

    public string MountPath { get; set; } = "";

    public string? SubPath { get; set; }

    public bool? ReadOnly { get; set; }
}
