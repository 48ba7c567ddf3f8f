using PushPlatform.PushNode.Handshake;
using PushPlatform.PushNode.Protocol;

namespace PushPlatform.PushNode.Auth;

/// <summary>Decides who may connect as which vehicle, and in which role (G11).</summary>
internal interface IVehicleAuthenticator
{
    ValueTask<Authorization> JudgeAsync(UpgradeRequest request);
}

/// <summary>Who a connection belongs to, or why to nobody.</summary>
/// <param name="Vid">The hello must name the same. Empty when refused.</param>
/// <param name="Refused">Null when the vehicle may come in; otherwise the metric's tag. Nothing of it is told to the other side.</param>
internal readonly record struct Authorization(string Vid, string? Refused)
{
    public static readonly Authorization NoToken = new("", "no-token");
    public static readonly Authorization BadToken = new("", "bad-token");
    public static readonly Authorization OtherVid = new("", "other-vid");
    public static readonly Authorization BadVid = new("", "bad-vid");
    public static readonly Authorization UnknownRole = new("", "unknown-role");
    public static readonly Authorization RoleNotGranted = new("", "role-not-granted");

    /// <summary>The vid must be one, and that of the query where the query names one.</summary>
    public static Authorization Of(string vid, UpgradeRequest request) =>
        !VehicleId.IsValid(vid) ? BadVid
        : request.Vid is { } asked && asked != vid ? OtherVid
        : new Authorization(vid, null);
}

/// <summary>For pools that say <c>None</c> in so many words: everybody is who they say they are. Where a role is in the path, the vid stands in the place of the token.</summary>
/// <param name="roles">The pool's.</param>
internal sealed class NoAuthenticator(IReadOnlyList<string> roles) : IVehicleAuthenticator
{
    public ValueTask<Authorization> JudgeAsync(UpgradeRequest request) => ValueTask.FromResult(
        request.Role is null ? Authorization.Of(request.Vid!, request)
        : roles.Contains(request.Role) ? Authorization.Of(request.Token ?? "", request)
        : Authorization.UnknownRole);
}
