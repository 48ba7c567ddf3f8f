using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Logging;
using PushPlatform.PushNode.Lifecycle;
using PushPlatform.PushNode.Telemetry;

namespace PushPlatform.PushNode.Tls;

/// <summary>A mounted Secret of type <c>kubernetes.io/tls</c>: the certificate with its chain, and its key, as PEM.</summary>
/// <remarks>A certificate that was replaced is left to the collector: handshakes may still be using it.</remarks>
/// <exception cref="InvalidDataException">The files cannot be used: a node does not start without a certificate.</exception>
internal sealed class CertificateFolder(string folder, TimeProvider time, LoopPulses pulses, ILogger<CertificateFolder> logger)
    : ReloadedFile<SslServerAuthenticationOptions>(
        "certificate",
        (out string content) => Read(folder, out content),
        (string content, out SslServerAuthenticationOptions? options) => Parse(folder, content, out options),
        time,
        pulses,
        logger)
{
    private const string CertificateName = "tls.crt";
    private const string KeyName = "tls.key";

    /// <summary>How the next handshake is answered.</summary>
    public SslServerAuthenticationOptions Options => Value;

    /// <summary>Null when the folder can be used; otherwise why not.</summary>
    public static string? Inspect(string folder) => Read(folder, out string content) ?? Parse(folder, content, out _);

    private static string? Read(string folder, out string content)
    {
        string? fault = ReadText(Path.Combine(folder, CertificateName), "certificate", out string certificate);
        string key = "";
        fault ??= ReadText(Path.Combine(folder, KeyName), "certificate's key", out key);
        // PEM says by itself where one ends and the other begins.
        content = certificate + "\n" + key;
        return fault;
    }

    private static string? Parse(string folder, string pem, out SslServerAuthenticationOptions? options)
    {
        options = null;
        try
        {
            X509Certificate2Collection chain = [];
            chain.ImportFromPem(pem);
            options = new SslServerAuthenticationOptions
            {
                // offline: a node asks nobody for what is missing in a chain.
                ServerCertificateContext = SslStreamCertificateContext.Create(X509Certificate2.CreateFromPem(pem, pem), chain, offline: true),
                // Named, because the system's own choice may be laxer: PROTOCOL.md promises these.
#pragma warning disable CA5398 // which is what that rule is about
                EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
#pragma warning restore CA5398
                // Else Kestrel offers what its HTTP server speaks, and a client that likes HTTP/2 waits for it in vain.
                ApplicationProtocols = [SslApplicationProtocol.Http11],
                AllowRenegotiation = false,
                ClientCertificateRequired = false,
            };
            return null;
        }
        catch (Exception fault) when (fault is CryptographicException or ArgumentException or NotSupportedException)
        {
            return $"The certificate in {folder} ({CertificateName}, {KeyName}) cannot be used: {fault.Message}";
        }
    }
}
