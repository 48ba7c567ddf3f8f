using System.Text.Json;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;
using PushPlatform.PushNode.Handshake;

namespace PushPlatform.PushNode.Auth;

/// <summary>JSON Web Tokens: signed with one of the pool's keys, within their time; <c>sub</c> is the vid, and <c>roles</c> an array of those that it grants.</summary>
/// <param name="roles">The pool's.</param>
internal sealed class TokenAuthenticator(Func<KeySet> keys, IReadOnlyList<string> roles, TimeProvider time) : IVehicleAuthenticator
{
    private const string RolesClaim = "roles";

    /// <summary>For clocks that are not quite equal.</summary>
    public static readonly TimeSpan Leeway = TimeSpan.FromSeconds(30);

    private readonly JsonWebTokenHandler _handler = new() { MapInboundClaims = false };

    public async ValueTask<Authorization> JudgeAsync(UpgradeRequest request)
    {
        if (string.IsNullOrEmpty(request.Token))
        {
            return Authorization.NoToken;
        }

        if (request.Role is not null && !roles.Contains(request.Role))
        {
            return Authorization.UnknownRole;
        }

        TokenValidationResult result = await _handler.ValidateTokenAsync(request.Token, Rules(keys()));
        if (!result.IsValid || result.SecurityToken is not JsonWebToken token)
        {
            return Authorization.BadToken;
        }

        return request.Role is null || RolesOf(token).Contains(request.Role) ? Authorization.Of(token.Subject ?? "", request) : Authorization.RoleNotGranted;
    }

    /// <summary>An array of strings, or it grants nothing.</summary>
    private static IEnumerable<string> RolesOf(JsonWebToken token) =>
        token.TryGetPayloadValue(RolesClaim, out JsonElement claim) && claim.ValueKind == JsonValueKind.Array
            ? claim.EnumerateArray().Where(role => role.ValueKind == JsonValueKind.String).Select(role => role.GetString()!)
            : [];

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
