using System.Security.Cryptography.X509Certificates;

namespace PushPlatform.Kubernetes.Configuration;

/// <summary>Which API server to talk to, as whom, and for how long to wait for it.</summary>
public sealed class KubernetesClientConfiguration
{
    /// <summary>http:// or https://, with the path prefix of a proxy if there is one.</summary>
    public required Uri Host { get; init; }

    /// <summary>The namespace of the kubeconfig's context or of the Pod.</summary>
    public string Namespace { get; init; } = "default";

    /// <summary>The only roots that the server's certificate may chain to; null = those of the machine.</summary>
    public X509Certificate2Collection? SslCaCerts { get; init; }

    public bool SkipTlsVerify { get; init; }

    /// <summary>Null = nobody in particular.</summary>
    public ICredentialSource? Credentials { get; init; }

    public string UserAgent { get; init; } = "push-platform";

    /// <summary>Of every call but a watch; repeats after 429 and 503 are within it.</summary>
    public TimeSpan RequestTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>A watch on which not a byte arrived for so long is taken for dead. The server sends a bookmark about every minute.</summary>
    public TimeSpan WatchIdleTimeout { get; init; } = TimeSpan.FromSeconds(90);
}

/// <summary>Who we are at this moment.</summary>
/// <param name="Token">A bearer token, or null.</param>
/// <param name="Certificate">A client certificate with its private key, or null.</param>
public sealed record Credential(string? Token, X509Certificate2? Certificate = null);

/// <summary>Where credentials come from: a constant, a file that is rotated, a program.</summary>
public interface ICredentialSource
{
    /// <param name="renew">The server refused the last one (401): do not answer with it again if another can be had.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    ValueTask<Credential> GetAsync(bool renew, CancellationToken cancellationToken);
}
