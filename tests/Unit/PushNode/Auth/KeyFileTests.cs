using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.IdentityModel.Tokens;
using PushPlatform.PushNode.Auth;
using PushPlatform.PushNode.Telemetry;
using Shouldly;
using Xunit;

namespace PushPlatform.Tests.Unit.PushNode.Auth;

public sealed class KeyFileTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("keys");

    [Theory]
    [InlineData("", "not a JSON Web Key Set")]
    [InlineData("{", "not a JSON Web Key Set")]
    [InlineData("{}", "no key")]
    [InlineData("""{"keys":[]}""", "no key")]
    [InlineData("""{"keys":[{"kty":"oct","kid":"a","k":"c2hvcnQ"}]}""", "key 'a' has 40 bits and must have at least 256")]
    [InlineData("""{"keys":[{"kty":"oct","k":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA","alg":"HS512"}]}""", "key 0 is for HS512")]
    [InlineData("""{"keys":[{"kty":"EC","kid":"e","crv":"P-384","x":"AA","y":"AA"}]}""", "key 'e' is none of oct, RSA and EC on P-256")]
    [InlineData("""{"keys":[{"kty":"OKP","crv":"Ed25519","x":"AA"}]}""", "none of oct, RSA and EC on P-256")]
    public void TryParse_AFaultySet_IsRefusedWithItsReason(string json, string reason)
    {
        KeySet.TryParse(json, out _, out string? fault).ShouldBeFalse();
        fault.ShouldContain(reason);
    }

    [Fact]
    public void Refresh_KubernetesSwapsTheSymlink_TheNewKeysCount()
    {
        string path = Publish("1", Keys(0));
        using KeyFile file = Open(path);
        byte[] before = SecretOf(file);

        Publish("2", Keys(1));
        file.Refresh();

        SecretOf(file).ShouldNotBe(before);
        file.Faults.ShouldBeEmpty();
    }

    [Fact]
    public void Refresh_TheNewFileIsBroken_TheOldKeysStay_AndHealthSaysSo()
    {
        string path = Publish("1", Keys(0));
        using KeyFile file = Open(path);
        byte[] before = SecretOf(file);

        Publish("2", "{");
        file.Refresh();

        SecretOf(file).ShouldBe(before);
        file.Faults.ShouldHaveSingleItem().Blocks.ShouldBeFalse();
        File.Delete(path);
        file.Refresh();
        SecretOf(file).ShouldBe(before);
        file.Faults.ShouldHaveSingleItem().Text.ShouldContain("cannot be read");

        File.WriteAllText(path, Keys(1));
        file.Refresh();
        file.Faults.ShouldBeEmpty();
        SecretOf(file).ShouldNotBe(before);
    }

    [Fact]
    public void Open_WithoutAGoodFile_DoesNotStart() =>
        Should.Throw<InvalidDataException>(() => Open(Path.Combine(_folder.FullName, "missing"))).Message.ShouldContain("cannot be read");

    public void Dispose() => _folder.Delete(recursive: true);

    private static string Keys(byte fill)
    {
        byte[] secret = new byte[32];
        Array.Fill(secret, fill);
        return $$"""{"keys":[{"kty":"oct","k":"{{Base64UrlEncoder.Encode(secret)}}"}]}""";
    }

    private static byte[] SecretOf(KeyFile file) => ((SymmetricSecurityKey)file.Keys.Keys.Single()).Key;

    private static KeyFile Open(string path) =>
        new(path, TimeProvider.System, new LoopPulses(TimeProvider.System), NullLogger<KeyFile>.Instance);

    /// <summary>As the kubelet does it: a new folder, and a symlink above the file that comes to name it.</summary>
    private string Publish(string version, string content)
    {
        string data = Path.Combine(_folder.FullName, "..data");
        string folder = Directory.CreateDirectory(Path.Combine(_folder.FullName, "..v" + version)).FullName;
        File.WriteAllText(Path.Combine(folder, "keys.json"), content);
        if (Directory.Exists(data))
        {
            Directory.Delete(data);
        }

        Directory.CreateSymbolicLink(data, folder);
        string path = Path.Combine(_folder.FullName, "keys.json");
        if (!File.Exists(path))
        {
            File.CreateSymbolicLink(path, Path.Combine("..data", "keys.json"));
        }

        return path;
    }
}
