using System.Security.Cryptography.X509Certificates;

namespace PushPlatform.Kubernetes.Configuration;

/// <summary>Reads a client certificate and its key (RSA or EC) from PEM.</summary>
internal static class CertificateReader
{
    /// <exception cref="System.Security.Cryptography.CryptographicException">Not PEM, or the key is not the certificate's.</exception>
    public static X509Certificate2 FromPem(string certificate, string key)
    {
        // TLS on Windows and macOS cannot use a key that lives only in memory: the round trip through PKCS#12 gives it a home.
        using var ephemeral = X509Certificate2.CreateFromPem(certificate, key);
        return X509CertificateLoader.LoadPkcs12(ephemeral.Export(X509ContentType.Pkcs12), password: null);
    }
}
