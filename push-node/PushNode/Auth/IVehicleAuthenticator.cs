namespace PushPlatform.PushNode.Auth;

/// <summary>Decides who may connect as which vehicle (G11).</summary>
internal interface IVehicleAuthenticator
{
    /// <param name="vid">As the URL names it; the hello must name the same.</param>
    /// <param name="token">As sent; null when there is none.</param>
    ValueTask<bool> IsAuthorizedAsync(string vid, string? token);
}

/// <summary>For pools that say <c>None</c> in so many words: everybody is who they say they are.</summary>
internal sealed class NoAuthenticator : IVehicleAuthenticator
{
    public ValueTask<bool> IsAuthorizedAsync(string vid, string? token) => ValueTask.FromResult(true);
}
