using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace PushPlatform.PushNode.Auth;

/// <summary>JSON Web Tokens: signed with one of the pool's keys, within their time, and <c>sub</c> is the vid.</summary>
internal sealed class TokenAuthenticator(Func<KeySet> keys, TimeProvider time) : IVehicleAuthenticator
{
    /// <summary>For clocks that are not quite equal.</summary>
    public static readonly TimeSpan Leeway = TimeSpan.FromSeconds(30);

    private readonly JsonWebTokenHandler _handler = new() { MapInboundClaims = false };

    public async ValueTask<bool> IsAuthorizedAsync(string vid, string? token)
    {
        if (string.IsNullOrEmpty(token))
        {
            return false;
        }

        TokenValidationResult result = await _handler.ValidateTokenAsync(token, Rules(keys()));
        return result.IsValid && result.SecurityToken is JsonWebToken { Subject: { Length: > 0 } subject } && subject == vid;
    }

    private TokenValidationParameters Rules(KeySet set) => new()
    {
        IssuerSigningKeys = set.Keys,
        AlgorithmValidator = static (algorithm, key, _, _) => algorithm == KeySet.AlgorithmOf(key),
        RequireSignedTokens = true,
        LifetimeValidator = IsWithinTime,

        // The pool's keys sign for nobody else: who issued the token, and for whom, adds nothing.
        ValidateIssuer = false,
        ValidateAudience = false,
    };

    /// <summary>A token without an end is refused: it could never be taken back.</summary>
    private bool IsWithinTime(DateTime? notBefore, DateTime? expires, SecurityToken token, TokenValidationParameters rules)
    {
        DateTime now = time.GetUtcNow().UtcDateTime;
        return expires is { } end && now < end + Leeway && (notBefore is null || now >= notBefore - Leeway);
    }
}
