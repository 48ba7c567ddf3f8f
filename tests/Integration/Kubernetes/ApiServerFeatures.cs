namespace PushPlatform.Tests.Integration.Kubernetes;

/// <summary>What an API server of some version has of what the specs and the table of resources ask. What older ones lack is said here and nowhere else.</summary>
/// <param name="Version">Major and minor.</param>
internal sealed record ApiServerFeatures(Version Version)
{
    /// <summary>Rules across fields are carried out. Those of <c>crds/</c> are written for what 1.30 understands; 1.20 drops them from the definition.</summary>
    public bool Cel { get; init; } = Version >= new Version(1, 30);

    /// <summary>A refusal names the item of a list (<c>spec.roles[0]</c>). 1.20 names the list alone; what lies between it and 1.30 is not supported and was not asked.</summary>
    public bool ItemsInPaths => Version >= new Version(1, 30);

    /// <summary>An empty string in a custom resource is a string. 1.20 takes it for null, and refuses it or applies it as such.</summary>
    public bool EmptyStrings => Version >= new Version(1, 30);

    /// <summary>PodDisruptionBudgets are served in their final version.</summary>
    public bool PolicyV1 => Version >= new Version(1, 21);

    public static async Task<ApiServerFeatures> OfAsync(ApiServerUnderTest server)
    {
        using var transport = server.NewTransport();
        using var answer = await transport.SendAsync(HttpMethod.Get, "version", content: null, CancellationToken.None);
        return new ApiServerFeatures(new Version(Number("major"), Number("minor")));

        // Some distributions write "30+".
        int Number(string name) => int.Parse(answer.RootElement.GetProperty(name).GetString()!.TrimEnd('+'));
    }
}
