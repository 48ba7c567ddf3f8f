using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using PushPlatform.Kubernetes.Configuration;

namespace PushPlatform.Kubernetes.Client;

/// <summary>Connections to the API server: TLS as configured, and dead ones noticed although nothing is sent on them.</summary>
internal sealed class ApiHandler : IDisposable
{
    private static readonly TimeSpan ProbeAfter = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan ProbeTimeout = TimeSpan.FromSeconds(10);

    private volatile X509Certificate2? _clientCertificate;

    public ApiHandler(KubernetesClientConfiguration configuration)
    {
        Handler = new SocketsHttpHandler
        {
            ConnectTimeout = TimeSpan.FromSeconds(10),
            // HTTP/2: many watches share a connection, so a dead one is found by pings. HTTP/1.1 has none: there it is TCP's keep-alive.
            KeepAlivePingDelay = ProbeAfter,
            KeepAlivePingTimeout = ProbeTimeout,
            KeepAlivePingPolicy = HttpKeepAlivePingPolicy.WithActiveRequests,
            ConnectCallback = ConnectAsync,
            PooledConnectionIdleTimeout = TimeSpan.FromMinutes(1),
            AllowAutoRedirect = false,
            UseCookies = false,
            UseProxy = false,
            SslOptions = Tls(configuration),
        };
    }

    public SocketsHttpHandler Handler { get; }

    /// <summary>New connections show this certificate; a plugin may replace it at any time.</summary>
    public void Use(X509Certificate2? clientCertificate) => _clientCertificate = clientCertificate;

    public void Dispose() => Handler.Dispose();

    private SslClientAuthenticationOptions Tls(KubernetesClientConfiguration configuration)
    {
        var options = new SslClientAuthenticationOptions
        {
            LocalCertificateSelectionCallback = (_, _, _, _, _) => _clientCertificate!,
        };
        if (configuration.SkipTlsVerify)
        {
#pragma warning disable CA5359 // The user asked for it in so many words: insecure-skip-tls-verify.
            options.RemoteCertificateValidationCallback = static (_, _, _, _) => true;
#pragma warning restore CA5359
        }
        else if (configuration.SslCaCerts is { } roots)
        {
            // Only these roots, and the server's name is still checked. Clusters' own authorities publish no revocation lists.
            options.CertificateChainPolicy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
            options.CertificateChainPolicy.CustomTrustStore.AddRange(roots);
        }

        return options;
    }

    private static async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
            socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime, (int)ProbeAfter.TotalSeconds);
            socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveInterval, 5);
            socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveRetryCount, 3);
            await socket.ConnectAsync(context.DnsEndPoint, cancellationToken);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
