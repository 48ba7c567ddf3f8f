using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Logging.Abstractions;
using PushPlatform.PushNode.Telemetry;
using PushPlatform.PushNode.Tls;
using Shouldly;
using Xunit;

namespace PushPlatform.Tests.Unit.PushNode.Tls;

public sealed class CertificateFolderTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("tls");

    [Fact]
    public void Inspect_AGoodPair_NamesNoFault()
    {
        Write(Pair("a"));

        CertificateFolder.Inspect(_folder.FullName).ShouldBeNull();
    }

    [Fact]
    public void Inspect_KeyOfAnotherCertificate_IsRefused()
    {
        Write((Pair("a").Certificate, Pair("b").Key));

        CertificateFolder.Inspect(_folder.FullName).ShouldNotBeNull().ShouldContain($"{_folder.FullName} (tls.crt, tls.key) cannot be used");
    }

    [Theory]
    [InlineData("", "")]
    [InlineData("nonsense", "nonsense")]
    [InlineData("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----", "")]
    public void Inspect_NoCertificateAtAll_IsRefused(string certificate, string key)
    {
        Write((certificate, key));

        CertificateFolder.Inspect(_folder.FullName).ShouldNotBeNull().ShouldContain("cannot be used");
    }

    [Fact]
    public void Inspect_KeyMissing_IsNamed()
    {
        Write(Pair("a"));
        File.Delete(Path.Combine(_folder.FullName, "tls.key"));

        CertificateFolder.Inspect(_folder.FullName).ShouldNotBeNull().ShouldContain("tls.key cannot be read");
    }

    [Fact]
    public void Refresh_ABrokenPairAndThenAGoodOne_TheOldStaysUntilThen_AndHealthSaysSo()
    {
        Write(Pair("a"));
        using CertificateFolder folder = new(
            _folder.FullName, TimeProvider.System, new LoopPulses(TimeProvider.System), NullLogger<CertificateFolder>.Instance);

        (string Certificate, string Key) renewed = Pair("b");
        Write((renewed.Certificate, "broken"));
        folder.Refresh();
        SubjectOf(folder).ShouldBe("CN=a");
        folder.Faults.ShouldHaveSingleItem().Blocks.ShouldBeFalse();

        Write(renewed);
        folder.Refresh();
        SubjectOf(folder).ShouldBe("CN=b");
        folder.Faults.ShouldBeEmpty();
    }

    public void Dispose() => _folder.Delete(recursive: true);

    private static string SubjectOf(CertificateFolder folder) => folder.Options.ServerCertificateContext!.TargetCertificate.Subject;

    private static (string Certificate, string Key) Pair(string name)
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        CertificateRequest request = new($"CN={name}", key, HashAlgorithmName.SHA256);
        using X509Certificate2 certificate = request.CreateSelfSigned(DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddYears(200));
        return (certificate.ExportCertificatePem(), key.ExportPkcs8PrivateKeyPem());
    }

    private void Write((string Certificate, string Key) pair)
    {
        File.WriteAllText(Path.Combine(_folder.FullName, "tls.crt"), pair.Certificate);
        File.WriteAllText(Path.Combine(_folder.FullName, "tls.key"), pair.Key);
    }
}
