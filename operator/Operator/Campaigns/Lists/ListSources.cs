using System.Text.Json;
using PushPlatform.Delivery;
using PushPlatform.Kubernetes.Client;
using PushPlatform.Kubernetes.Models;
using PushPlatform.Operator.Api;

namespace PushPlatform.Operator.Campaigns.Lists;

/// <summary>Reads all lists of a campaign from where they are kept into one set, one list at a time. Two campaigns are read for at once; more wait their turn.</summary>
internal sealed class ListSources(IKubernetesClient kubernetes, ListDownload download, ListSpace space) : IDisposable
{
    /// <summary>More is no list of vehicles any more. It bounds the disk that one campaign takes.</summary>
    public const long MaxLines = 5_000_000;

    private const int AtOnce = 2;

    private readonly ListDownload _download = download;
    private readonly SemaphoreSlim _turns = new(AtOnce, AtOnce);

    /// <param name="campaign">Whose lists.</param>
    /// <param name="sessions">What its pool keeps apart; null while there is no pool.</param>
    /// <param name="before">What was read last; answered as it is when nothing has changed since.</param>
    /// <param name="progress">Is kept up to date.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="KubernetesException">The API server does not answer as it should.</exception>
    public async Task<TargetLists> ReadAsync(
        PushCampaign campaign, SessionMode? sessions, TargetLists? before, ListProgress progress, CancellationToken cancellationToken)
    {
        await _turns.WaitAsync(cancellationToken);
        try
        {
            if (before?.Units is not null && before.Versions.SequenceEqual(await VersionsAsync(campaign, sessions, cancellationToken)))
            {
                return before;
            }
            var units = new VidSpool(space);
            bool kept = false;
            try
            {
                TargetLists lists = await new Reading(this, campaign, sessions, units, progress).RunAsync(cancellationToken);
                kept = lists.Units is not null;
                return lists;
            }
            catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
            {
                return new TargetLists { Obstacle = new Obstacle(Reasons.ListUnavailable, $"the lists cannot be read, or kept on the operator's disk: {fault.Message}; it is tried again", NeedsPerson: false) };
            }
            finally
            {
                if (!kept)
                {
                    units.Dispose();
                }
            }
        }
        finally
        {
            _turns.Release();
        }
    }

    public void Dispose() => _turns.Dispose();

    // A list at a URL is pinned: it needs no second look.
    private async Task<IReadOnlyList<string>> VersionsAsync(PushCampaign campaign, SessionMode? sessions, CancellationToken cancellationToken)
    {
        List<string> versions = [Request(campaign, sessions)];
        foreach (VidSource source in campaign.Spec.Targets.VidsFrom ?? [])
        {
            versions.Add(source.ConfigMapName is { } name ? VersionOf(await MapAsync(campaign, name, cancellationToken)) : source.Http?.Sha256 ?? "");
        }
        return versions;
    }

    /// <summary>What is asked for, and how lines are judged.</summary>
    private static string Request(PushCampaign campaign, SessionMode? sessions)
    {
        Targets lists = new() { Vids = campaign.Spec.Targets.Vids, VidsFrom = campaign.Spec.Targets.VidsFrom };
        return $"{sessions} {JsonSerializer.Serialize(lists, ApiJsonContext.Default.Targets)}";
    }

    private Task<V1ConfigMap?> MapAsync(PushCampaign campaign, string name, CancellationToken cancellationToken) =>
        kubernetes.GetAsync<V1ConfigMap>(name, campaign.Namespace(), cancellationToken);

    private static string VersionOf(V1ConfigMap? map) => map is null ? "" : $"{map.Uid()}@{map.Metadata.ResourceVersion}";

    /// <summary>One go through all lists of one campaign.</summary>
    private sealed class Reading(ListSources sources, PushCampaign campaign, SessionMode? sessions, VidSpool units, ListProgress progress)
    {
        private readonly List<string> _hashes = [];
        private readonly List<string> _versions = [Request(campaign, sessions)];
        private readonly List<string> _badLines = [];

        public async Task<TargetLists> RunAsync(CancellationToken cancellationToken)
        {
            foreach (string vid in campaign.Spec.Targets.Vids ?? [])
            {
                units.Add(vid);
            }
            IReadOnlyList<VidSource> all = campaign.Spec.Targets.VidsFrom ?? [];
            for (int i = 0; i < all.Count; i++)
            {
                progress.Begin(i + 1, all.Count);
                if (await ReadAsync(all[i], cancellationToken) is { } obstacle)
                {
                    return new TargetLists { Obstacle = obstacle };
                }
            }
            if (_badLines.Count > 0)
            {
                return new TargetLists { Obstacle = new Obstacle(Reasons.InvalidList, string.Join("; ", _badLines), NeedsPerson: true) };
            }
            if (units.Lines > MaxLines)
            {
                return new TargetLists { Obstacle = new Obstacle(Reasons.InvalidList, $"the lists have more than {MaxLines} vids in all", NeedsPerson: true) };
            }
            units.Seal();
            return new TargetLists { Units = units, Hashes = _hashes, Versions = _versions };
        }

        private async Task<Obstacle?> ReadAsync(VidSource source, CancellationToken cancellationToken)
        {
            if (source.Http is { } http)
            {
                string at = Shown(http.Url);
                _hashes.Add(http.Sha256);
                _versions.Add(http.Sha256);
                return await sources._download.ReadAsync(http, at, new VidLines(at, sessions, _badLines, Take), cancellationToken);
            }
            if (source.ConfigMapName is not { } name)
            {
                return new Obstacle(Reasons.InvalidSpec, "spec.targets.vidsFrom has a list that is nowhere", NeedsPerson: true);
            }
            V1ConfigMap? map = await sources.MapAsync(campaign, name, cancellationToken);
            if (map is null)
            {
                return Missing($"there is no ConfigMap {name} in this namespace");
            }
            _versions.Add(VersionOf(map));
            if (source.ConfigMapKeyRef?.Key is { } key)
            {
                return map.Data?.GetValueOrDefault(key) is { } text ? Read(name, [(key, text)]) : Missing($"ConfigMap {name} has no key {key}");
            }
            if (map.BinaryData is { Count: > 0 } binary)
            {
                _badLines.Add($"{name}/{binary.Keys.First()} is binary data, no list of vids");
            }
            return Read(name, (map.Data ?? []).OrderBy(entry => entry.Key, StringComparer.Ordinal).Select(entry => (entry.Key, entry.Value)));
        }

        // A ConfigMap has at most 1 MiB: its vids may be in memory, one ConfigMap's at a time.
        private Obstacle? Read(string name, IEnumerable<(string Key, string Text)> keys)
        {
            HashSet<string> vids = [];
            foreach ((string key, string text) in keys)
            {
                var lines = new VidLines($"{name}/{key}", sessions, _badLines, vid => vids.Add(vid));
                lines.Feed(text);
                lines.End();
            }
            foreach (string vid in vids)
            {
                Take(vid);
            }
            _hashes.Add(ContentHash.OfList(vids));
            return null;
        }

        // What is too much is counted and not kept.
        private void Take(string vid)
        {
            if (units.Lines <= MaxLines)
            {
                units.Add(vid);
                progress.Vids = units.Lines;
            }
        }

        private static Obstacle Missing(string what) => new(Reasons.ListNotFound, $"{what}: create it, or correct spec.targets.vidsFrom", NeedsPerson: false);

        // What follows the path may hold a key.
        private static string Shown(string url) => url.Split('?', '#')[0];
    }
}

/// <summary>How far one reading has come. Written by it, looked at by passes.</summary>
internal sealed class ListProgress
{
    private volatile string _list = "waiting for the lists of other campaigns to be read";
    private long _vids;

    public long Vids
    {
        set => Interlocked.Exchange(ref _vids, value);
    }

    public void Begin(int list, int of) => _list = $"reading list {list} of {of}";

    public override string ToString() => $"{_list}, {Interlocked.Read(ref _vids)} vids so far";
}
