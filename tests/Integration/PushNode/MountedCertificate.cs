using System.Net;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace PushPlatform.Tests.Integration.PushNode;

/// <summary>A folder as a mounted <c>kubernetes.io/tls</c> Secret, with a certificate for loopback that only <see cref="Trusting"/> clients accept.</summary>
internal sealed class MountedCertificate : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("tls");

    public MountedCertificate() => Current = Renew();

    public string Folder => _folder.FullName;

    public X509Certificate2 Current { get; private set; }

    /// <summary>Puts a new certificate in place of the old one.</summary>
    public X509Certificate2 Renew()
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        CertificateRequest request = new("CN=push-node", key, HashAlgorithmName.SHA256);
        SubjectAlternativeNameBuilder names = new();
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        X509Certificate2 certificate = request.CreateSelfSigned(DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddYears(200));
        File.WriteAllText(Path.Combine(Folder, "tls.key"), key.ExportPkcs8PrivateKeyPem());
        File.WriteAllText(Path.Combine(Folder, "tls.crt"), certificate.ExportCertificatePem());
        Current = certificate;
        return certificate;
    }

    public void Break() => File.WriteAllText(Path.Combine(Folder, "tls.key"), "nonsense");

    /// <summary>Checks as always, but against this certificate as the only root.</summary>
    public SslClientAuthenticationOptions Trusting() => new()
    {
        TargetHost = "127.0.0.1",
        CertificateChainPolicy = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            CustomTrustStore = { Current },
            RevocationMode = X509RevocationMode.NoCheck,
        },
    };

    public void Dispose() => _folder.Delete(recursive: true);
}
