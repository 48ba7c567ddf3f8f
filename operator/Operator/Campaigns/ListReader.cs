using System.Collections.Concurrent;
using PushPlatform.Delivery;
using PushPlatform.Kubernetes.Client;
using PushPlatform.Kubernetes.Models;
using PushPlatform.Operator.Api;

namespace PushPlatform.Operator.Campaigns;

/// <summary>Reads a campaign's explicit lists. A waiting campaign is looked at each second; its ConfigMaps are fetched more seldom.</summary>
internal sealed class ListReader(IKubernetesClient kubernetes, TimeProvider time)
{
    private static readonly TimeSpan KeptFor = TimeSpan.FromSeconds(5);

    private readonly ConcurrentDictionary<string, Reading> _readings = new();

    public async Task<TargetLists> ReadAsync(PushCampaign campaign, SessionMode? sessions, CancellationToken cancellationToken)
    {
        if (_readings.TryGetValue(campaign.Uid(), out Reading? kept)
            && kept.Generation == campaign.Generation() && kept.Sessions == sessions && time.GetElapsedTime(kept.At) < KeptFor)
        {
            return kept.Lists;
        }
        TargetLists lists = await ReadNowAsync(campaign, sessions, cancellationToken);
        _readings[campaign.Uid()] = new Reading(campaign.Generation(), sessions, time.GetTimestamp(), lists);
        return lists;
    }

    public void Forget(string uid) => _readings.TryRemove(uid, out _);

    private async Task<TargetLists> ReadNowAsync(PushCampaign campaign, SessionMode? sessions, CancellationToken cancellationToken)
    {
        HashSet<string> vids = [.. campaign.Spec.Targets.Vids ?? []];
        List<string> hashes = [];
        List<string> badLines = [];
        foreach (VidSource source in campaign.Spec.Targets.VidsFrom ?? [])
        {
            (string name, string key) = (source.ConfigMapKeyRef.Name, source.ConfigMapKeyRef.Key);
            V1ConfigMap? map = await kubernetes.GetAsync<V1ConfigMap>(name, campaign.Namespace(), cancellationToken);
            if (map?.Data?.GetValueOrDefault(key) is not { } text)
            {
                string missing = map is null ? $"there is no ConfigMap {name} in this namespace" : $"ConfigMap {name} has no key {key}";
                return new TargetLists([], [], $"{missing}: create it, or correct spec.targets.vidsFrom", []);
            }
            List<string> listed = VidList.Parse(text, $"{name}/{key}", sessions, badLines);
            hashes.Add(ContentHash.OfList(listed));
            vids.UnionWith(listed);
        }
        return new TargetLists(vids, hashes, null, badLines);
    }

    private sealed record Reading(long Generation, SessionMode? Sessions, long At, TargetLists Lists);
}
