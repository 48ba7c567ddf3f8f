using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.IdentityModel.Tokens;

namespace PushPlatform.PushNode.Auth;

/// <summary>The keys of a JWKS file (RFC 7517) that tokens may be signed with, each bound to the one algorithm of its type.</summary>
internal sealed class KeySet
{
    private const int MinRsaBits = 2048;
    private const int MinSecretBits = 256;

    private KeySet(IReadOnlyList<SecurityKey> keys) => Keys = keys;

    public IReadOnlyList<SecurityKey> Keys { get; }

    /// <summary>The only algorithm that a signature with this key may name: no confusion of a public key with a secret, no <c>none</c>.</summary>
    public static string? AlgorithmOf(SecurityKey key) => key switch
    {
        SymmetricSecurityKey => SecurityAlgorithms.HmacSha256,
        RsaSecurityKey => SecurityAlgorithms.RsaSha256,
        ECDsaSecurityKey => SecurityAlgorithms.EcdsaSha256,
        _ => null,
    };

    /// <param name="fault">What is wrong, in words for a person; nothing secret is repeated.</param>
    public static bool TryParse(string json, [NotNullWhen(true)] out KeySet? set, [NotNullWhen(false)] out string? fault)
    {
        set = null;
        fault = null;
        try
        {
            List<SecurityKey> keys = [];
            foreach (JsonWebKey webKey in new JsonWebKeySet(json) { SkipUnresolvedJsonWebKeys = false }.Keys)
            {
                string? reason = Judge(webKey, keys.Count, out SecurityKey? key);
                fault ??= reason;
                if (key is not null)
                {
                    keys.Add(key);
                }
            }

            fault ??= keys.Count == 0 ? "it holds no key" : null;
            set = fault is null ? new KeySet(keys) : null;
        }
        catch (Exception malformed) when (malformed is ArgumentException or JsonException or FormatException or CryptographicException)
        {
            fault = "it is not a JSON Web Key Set (RFC 7517)";
        }

        return set is not null;
    }

    private static string? Judge(JsonWebKey webKey, int index, out SecurityKey? key)
    {
        key = null;
        string name = string.IsNullOrEmpty(webKey.Kid) ? $"key {index}" : $"key '{webKey.Kid}'";
        SecurityKey? concrete = webKey.Kty switch
        {
            JsonWebAlgorithmsKeyTypes.Octet when webKey.K is not null => new SymmetricSecurityKey(Base64UrlEncoder.DecodeBytes(webKey.K)),
            JsonWebAlgorithmsKeyTypes.RSA when webKey is { N: not null, E: not null } => new RsaSecurityKey(new RSAParameters
            {
                Modulus = Base64UrlEncoder.DecodeBytes(webKey.N),
                Exponent = Base64UrlEncoder.DecodeBytes(webKey.E),
            }),
            JsonWebAlgorithmsKeyTypes.EllipticCurve when webKey is { Crv: JsonWebKeyECTypes.P256, X: not null, Y: not null } =>
                new ECDsaSecurityKey(ECDsa.Create(new ECParameters
                {
                    Curve = ECCurve.NamedCurves.nistP256,
                    Q = new ECPoint { X = Base64UrlEncoder.DecodeBytes(webKey.X), Y = Base64UrlEncoder.DecodeBytes(webKey.Y) },
                })),
            _ => null,
        };
        if (concrete is null)
        {
            return $"{name} is none of oct, RSA and EC on P-256, or lacks a member";
        }

        int least = concrete switch { SymmetricSecurityKey => MinSecretBits, RsaSecurityKey => MinRsaBits, _ => 0 };
        if (concrete.KeySize < least)
        {
            return $"{name} has {concrete.KeySize} bits and must have at least {least}";
        }

        if (!string.IsNullOrEmpty(webKey.Alg) && webKey.Alg != AlgorithmOf(concrete))
        {
            return $"{name} is for {webKey.Alg}; a key of its type is for {AlgorithmOf(concrete)}";
        }

        concrete.KeyId = webKey.Kid;
        key = concrete;
        return null;
    }
}
