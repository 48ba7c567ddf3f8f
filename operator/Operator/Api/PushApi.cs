namespace PushPlatform.Operator.Api;

/// <summary>Where the custom resources live in the Kubernetes API.</summary>
public static class PushApi
{
    /// <summary>API group of all our kinds.</summary>
    public const string Group = "pushplatform.io";

    /// <summary>The only version so far.</summary>
    public const string Version = "v1alpha1";
}
