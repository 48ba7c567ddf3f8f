using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.IdentityModel.Tokens;
using PushPlatform.Delivery;
using PushPlatform.PushNode.Auth;
using PushPlatform.PushNode.Handshake;
using Shouldly;
using Xunit;

namespace PushPlatform.Tests.Unit.PushNode.Auth;

public sealed class TokenAuthenticatorTests : IDisposable
{
    private readonly ManualTime _time = new();

    // Long enough for HS512: a signature with it is refused for its algorithm, not for the key's length.
    private readonly byte[] _secret = RandomNumberGenerator.GetBytes(64);
    private readonly RSA _rsa = RSA.Create(2048);
    private readonly ECDsa _ec = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly TokenAuthenticator _authenticator;

    public TokenAuthenticatorTests()
    {
        KeySet.TryParse(Jwks(), out KeySet? keys, out string? fault).ShouldBeTrue(fault);
        _authenticator = new TokenAuthenticator(() => keys!, ["head-unit", "driver-app"], _time);
    }

    private long Now => _time.GetUtcNow().ToUnixTimeSeconds();

    [Theory]
    [InlineData("HS256")]
    [InlineData("RS256")]
    [InlineData("ES256")]
    public async Task AGoodToken_OfEachKey_GetsIn(string algorithm)
    {
        (await GetsInAsync(Token(algorithm, "car-1", Now + 60))).ShouldBeTrue();
        (await GetsInAsync(Token(algorithm, "car-1", Now + 60, kid: algorithm))).ShouldBeTrue();
    }

    [Fact]
    public async Task TheSubject_IsTheVid_ToTheLetter()
    {
        (await GetsInAsync(Token("HS256", "car-2", Now + 60))).ShouldBeFalse();
        (await GetsInAsync(Token("HS256", "CAR-1", Now + 60))).ShouldBeFalse();
        (await GetsInAsync(Token("HS256", "", Now + 60))).ShouldBeFalse();
        (await GetsInAsync(Sign("HS256", new { exp = Now + 60 }))).ShouldBeFalse();
    }

    [Fact]
    public async Task ItsTime_CountsWithThirtySecondsOfLeeway_AndMustEnd()
    {
        (await GetsInAsync(Token("HS256", "car-1", Now - 29))).ShouldBeTrue();
        (await GetsInAsync(Token("HS256", "car-1", Now - 31))).ShouldBeFalse();
        (await GetsInAsync(Sign("HS256", new { sub = "car-1", exp = Now + 60, nbf = Now + 29 }))).ShouldBeTrue();
        (await GetsInAsync(Sign("HS256", new { sub = "car-1", exp = Now + 60, nbf = Now + 31 }))).ShouldBeFalse();
        (await GetsInAsync(Sign("HS256", new { sub = "car-1" }))).ShouldBeFalse();
    }

    [Fact]
    public async Task APublicKeyUsedAsASecret_IsOfNoUse()
    {
        byte[] publicKey = Encoding.ASCII.GetBytes(_rsa.ExportSubjectPublicKeyInfoPem());
        string head = Part(new { alg = "HS256", kid = "RS256" }) + "." + Part(new { sub = "car-1", exp = Now + 60 });

        (await GetsInAsync(head + "." + Base64UrlEncoder.Encode(HMACSHA256.HashData(publicKey, Encoding.ASCII.GetBytes(head))))).ShouldBeFalse();
    }

    [Theory]
    [InlineData("HS384")]
    [InlineData("HS512")]
    [InlineData("RS512")]
    [InlineData("PS256")]
    public async Task TheRightKeyWithAnotherAlgorithm_IsOfNoUse(string algorithm)
    {
        string head = Part(new { alg = algorithm }) + "." + Part(new { sub = "car-1", exp = Now + 60 });
        byte[] bytes = Encoding.ASCII.GetBytes(head);
        byte[] signature = algorithm switch
        {
            "HS384" => HMACSHA384.HashData(_secret, bytes),
            "HS512" => HMACSHA512.HashData(_secret, bytes),
            "RS512" => _rsa.SignData(bytes, HashAlgorithmName.SHA512, RSASignaturePadding.Pkcs1),
            _ => _rsa.SignData(bytes, HashAlgorithmName.SHA256, RSASignaturePadding.Pss),
        };

        (await GetsInAsync(head + "." + Base64UrlEncoder.Encode(signature))).ShouldBeFalse();
    }

    [Fact]
    public async Task WithoutSignature_OrNoTokenAtAll_NobodyGetsIn()
    {
        string payload = Part(new { sub = "car-1", exp = Now + 60 });
        string good = Token("HS256", "car-1", Now + 60);

        foreach (string? token in new[]
        {
            null, "", "x", "a.b.c", "....", new string('a', 7000), Part(new { alg = "none" }) + "." + payload + ".", Part(new { alg = "None" }) + "." + payload + ".",
            Part(new { }) + "." + payload + ".", good[..^4] + "AAAA", good[..good.LastIndexOf('.')] + ".", good + "x",
        })
        {
            (await GetsInAsync(token)).ShouldBeFalse($"token {token}");
        }
    }

    public void Dispose()
    {
        _rsa.Dispose();
        _ec.Dispose();
    }

    private static string Part(object part) => Base64UrlEncoder.Encode(JsonSerializer.SerializeToUtf8Bytes(part));

    [Theory]
    [InlineData("""["driver-app","head-unit"]""", "head-unit", null)]
    [InlineData("""["driver-app"]""", "head-unit", "role-not-granted")]
    [InlineData("""["plumber"]""", "plumber", "unknown-role")]
    [InlineData("""[]""", "head-unit", "role-not-granted")]
    [InlineData(""" "head-unit" """, "head-unit", "role-not-granted")]
    [InlineData("""[["head-unit"],{"head-unit":1},null,7]""", "head-unit", "role-not-granted")]
    [InlineData("""{"head-unit":true}""", "head-unit", "role-not-granted")]
    [InlineData("null", "head-unit", "role-not-granted")]
    public async Task ARole_IsOneOfThePoolsAndOfTheTokens(string claim, string asked, string? refused)
    {
        string token = Sign("HS256", new { sub = "car-1", exp = Now + 60, roles = JsonSerializer.Deserialize<JsonElement>(claim) });

        Authorization authorization = await JudgeAsync(token, vid: null, asked);

        authorization.Refused.ShouldBe(refused);
        authorization.Vid.ShouldBe(refused is null ? "car-1" : "");
    }

    [Fact]
    public async Task WithARole_TheTokenNamesTheVid_AndTheQueryMayOnlyAgree()
    {
        string token = Sign("HS256", new { sub = "car-1", exp = Now + 60, roles = new[] { "head-unit" } });
        string faulty = Sign("HS256", new { sub = "car 1", exp = Now + 60, roles = new[] { "head-unit" } });
        string expired = Sign("HS256", new { sub = "car-1", exp = Now - 60, roles = new[] { "head-unit" } });

        (await JudgeAsync(token, "car-1", "head-unit")).ShouldBe(new Authorization("car-1", null));
        (await JudgeAsync(token, "car-2", "head-unit")).ShouldBe(Authorization.OtherVid);
        (await JudgeAsync(faulty, null, "head-unit")).ShouldBe(Authorization.BadVid);
        (await JudgeAsync(expired, null, "head-unit")).ShouldBe(Authorization.BadToken);
        (await JudgeAsync(token, "car-1", role: null)).Refused.ShouldBeNull("a token with roles is good without one, too");
    }

    [Fact]
    public async Task WithoutTokens_TheVidStandsInThePlaceOfTheToken()
    {
        NoAuthenticator open = new(["head-unit"]);

        (await open.JudgeAsync(Request("car-1", null, null))).ShouldBe(new Authorization("car-1", null));
        (await open.JudgeAsync(Request(null, "head-unit", "car-1"))).ShouldBe(new Authorization("car-1", null));
        (await open.JudgeAsync(Request("car-2", "head-unit", "car-1"))).ShouldBe(Authorization.OtherVid);
        (await open.JudgeAsync(Request(null, "head-unit", "{car}"))).ShouldBe(Authorization.BadVid);
        (await open.JudgeAsync(Request(null, "plumber", "car-1"))).ShouldBe(Authorization.UnknownRole);
    }

    private static UpgradeRequest Request(string? vid, string? role, string? token) => new(vid, UnitId.DefaultDevice, role, "", OffersPushV1: true, token);

    private async Task<bool> GetsInAsync(string? token) => await JudgeAsync(token, "car-1", role: null) is { Refused: null, Vid: "car-1" };

    private async Task<Authorization> JudgeAsync(string? token, string? vid, string? role) => await _authenticator.JudgeAsync(Request(vid, role, token));

    private string Token(string algorithm, string vid, long expires, string? kid = null) => Sign(algorithm, new { sub = vid, exp = expires }, kid);

    private string Sign(string algorithm, object payload, string? kid = null)
    {
        string head = (kid is null ? Part(new { alg = algorithm }) : Part(new { alg = algorithm, kid })) + "." + Part(payload);
        byte[] bytes = Encoding.ASCII.GetBytes(head);
        byte[] signature = algorithm switch
        {
            "HS256" => HMACSHA256.HashData(_secret, bytes),
            "RS256" => _rsa.SignData(bytes, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1),
            _ => _ec.SignData(bytes, HashAlgorithmName.SHA256),
        };
        return head + "." + Base64UrlEncoder.Encode(signature);
    }

    private string Jwks()
    {
        RSAParameters rsa = _rsa.ExportParameters(false);
        ECParameters ec = _ec.ExportParameters(false);
        return JsonSerializer.Serialize(new
        {
            keys = new object[]
            {
                new { kty = "oct", kid = "HS256", k = Base64UrlEncoder.Encode(_secret) },
                new { kty = "RSA", kid = "RS256", n = Base64UrlEncoder.Encode(rsa.Modulus), e = Base64UrlEncoder.Encode(rsa.Exponent) },
                new { kty = "EC", kid = "ES256", crv = "P-256", x = Base64UrlEncoder.Encode(ec.Q.X), y = Base64UrlEncoder.Encode(ec.Q.Y) },
            },
        });
    }
}
