using System.Text.Json;
using System.Text.Json.Nodes;
using PushPlatform.KubectlPush.Cluster;
using PushPlatform.KubectlPush.Resources;

namespace PushPlatform.KubectlPush.Verbs;

/// <summary>A campaign as it stands, whole and as the part that is shown.</summary>
internal sealed record Campaign(JsonElement Whole, CampaignView View)
{
    private const string Plural = "pushcampaigns";

    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(500);

    public string Name => View.Metadata.Name ?? "";

    public string Namespace => View.Metadata.NamespaceProperty ?? "";

    public string Pool => View.Status.Pool ?? View.Spec.PoolRef.Name;

    public static async Task<Campaign> GetAsync(ClusterApi api, string name, CancellationToken cancellationToken) =>
        Of(await api.GetAsync(ClusterApi.PathOf(Plural, api.Namespace, name), cancellationToken));

    /// <param name="everywhere">All namespaces.</param>
    public static async Task<IReadOnlyList<Campaign>> ListAsync(ClusterApi api, bool everywhere, CancellationToken cancellationToken)
    {
        List<Campaign> campaigns = [];
        await foreach (JsonElement item in api.ListAsync(ClusterApi.PathOf(Plural, everywhere ? null : api.Namespace), labels: null, cancellationToken))
        {
            campaigns.Add(Of(item));
        }
        return campaigns;
    }

    /// <summary>Changes the spec; the generation of the answer is the one to wait for.</summary>
    public static async Task<Campaign> PatchSpecAsync(ClusterApi api, string name, JsonObject spec, CancellationToken cancellationToken) =>
        Of(await api.MergeAsync(ClusterApi.PathOf(Plural, api.Namespace, name), new JsonObject { ["spec"] = spec }, cancellationToken));

    /// <summary>Looks until <paramref name="holds"/>, or until the time is up.</summary>
    /// <returns>The last look, whether it holds or not.</returns>
    public static async Task<Campaign> UntilAsync(Session session, string name, Func<CampaignView, bool> holds, TimeSpan patience, CancellationToken cancellationToken)
    {
        long begin = session.Time.GetTimestamp();
        while (true)
        {
            Campaign campaign = await GetAsync(session.Api, name, cancellationToken);
            if (holds(campaign.View) || session.Time.GetElapsedTime(begin) >= patience)
            {
                return campaign;
            }
            await Task.Delay(LookEvery, session.Time, cancellationToken);
        }
    }

    private static Campaign Of(JsonElement whole) => new(whole, Resource.Read<CampaignView>(whole));
}
