using System.Text;
using PushPlatform.Kubernetes.Client;
using PushPlatform.Tests.Integration.Kubernetes;
using PushPlatform.Tests.Resources;

namespace PushPlatform.Tests.Integration.Operator.Api;

/// <summary>Our own kinds on an API server under test.</summary>
internal static class PushDefinitions
{
    /// <summary>All are served afterwards. Definitions that stand already, as on an installed cluster, are left as they are.</summary>
    public static async Task ServeAsync(ApiServerUnderTest server)
    {
        using var api = server.NewTransport();
        foreach (string plural in ResourceTable.Plurals)
        {
            ApiContent definition = new(Encoding.UTF8.GetBytes(ResourceTable.Definition(plural).ToJsonString()), "application/json");
            try
            {
                // Not by server-side apply: that refuses what an older server does not know, such as CEL rules, where a create drops it.
                using var created = await api.SendAsync(HttpMethod.Post, "apis/apiextensions.k8s.io/v1/customresourcedefinitions", definition, CancellationToken.None);
            }
            catch (KubernetesException there) when (there.IsConflict)
            {
                continue;
            }

            await Eventually.HoldsAsync(() => IsServedAsync(api, plural));
        }
    }

    private static async Task<bool> IsServedAsync(ApiTransport api, string plural)
    {
        try
        {
            using var list = await api.SendAsync(HttpMethod.Get, $"apis/pushplatform.io/v1alpha1/{plural}", content: null, CancellationToken.None);
            return true;
        }
        catch (KubernetesException unknown) when (unknown.IsNotFound)
        {
            return false;
        }
    }
}
