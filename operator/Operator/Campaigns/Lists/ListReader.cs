using System.Collections.Concurrent;
using PushPlatform.Delivery;
using PushPlatform.Kubernetes.Models;
using PushPlatform.Operator.Api;

namespace PushPlatform.Operator.Campaigns.Lists;

/// <summary>
/// Owns the readings of explicit lists. A pass waits a moment for one, which is enough for small lists; a large one goes on beside the passes, which tell
/// how far it is and still act on everything else, an abort above all. A process that goes on for another begins anew: what its shards' headers say is done
/// is not done again.
/// </summary>
internal sealed class ListReader(ListSources sources, TimeProvider time) : IHostedService
{
    private static readonly TimeSpan PassWaits = TimeSpan.FromMilliseconds(250);

    /// <summary>A waiting campaign is looked at each second; whether its lists have changed is asked more seldom, for large ones and servers in trouble above all.</summary>
    private static readonly TimeSpan KeptFor = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan LargeKeptFor = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan TriedAgainAfter = TimeSpan.FromSeconds(15);

    private readonly ConcurrentDictionary<string, Entry> _entries = new();

    /// <summary>The lists as they are known now. After a change of the spec what was read before counts only when it is found to be unchanged.</summary>
    /// <returns>What it holds lives until the campaign is next asked for or forgotten.</returns>
    public async Task<TargetLists> ReadAsync(PushCampaign campaign, SessionMode? sessions, CancellationToken cancellationToken)
    {
        if (_entries.TryGetValue(campaign.Uid(), out Entry? entry) && (entry.Generation != campaign.Generation() || entry.Sessions != sessions))
        {
            await EndReadingAsync(entry);
            entry = _entries[campaign.Uid()] = new Entry(campaign.Generation(), sessions) { Before = entry.Lists ?? entry.Before };
        }
        entry ??= _entries[campaign.Uid()] = new Entry(campaign.Generation(), sessions);
        if (entry.Reading is null && (entry.Lists is null || time.GetElapsedTime(entry.ReadAt) >= Kept(campaign, entry.Lists)))
        {
            entry.Reading = sources.ReadAsync(campaign, sessions, entry.Lists ?? entry.Before, entry.Progress, entry.Stop.Token);
        }
        if (entry.Reading is { } reading && await IsOverAsync(reading, cancellationToken))
        {
            entry.Reading = null;
            Take(entry, await reading);
        }
        return entry.Lists ?? new TargetLists { Progress = entry.Progress.ToString() };
    }

    /// <summary>The campaign needs its lists no longer.</summary>
    public async Task ForgetAsync(string uid)
    {
        if (!_entries.TryRemove(uid, out Entry? entry))
        {
            return;
        }
        await EndReadingAsync(entry);
        (entry.Lists ?? entry.Before)?.Units?.Dispose();
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.WhenAll(_entries.Keys.Select(ForgetAsync));

    private static async Task EndReadingAsync(Entry entry)
    {
        await entry.Stop.CancelAsync();
        if (entry.Reading is { } reading)
        {
            await ((Task)reading).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (reading.IsCompletedSuccessfully && !ReferenceEquals(reading.Result, entry.Lists ?? entry.Before))
            {
                reading.Result.Units?.Dispose();
            }
        }
        entry.Stop.Dispose();
    }

    private async Task<bool> IsOverAsync(Task reading, CancellationToken cancellationToken)
    {
        try
        {
            await reading.WaitAsync(PassWaits, time, cancellationToken);
        }
        catch (TimeoutException)
        {
            return reading.IsCompleted;
        }
        catch (Exception) when (reading.IsFaulted)
        {
            return true; // Told by who takes the result.
        }
        return true;
    }

    private void Take(Entry entry, TargetLists lists)
    {
        TargetLists? last = entry.Lists ?? entry.Before;
        if (!ReferenceEquals(last, lists))
        {
            last?.Units?.Dispose();
        }
        (entry.Lists, entry.Before) = (lists, null);
        entry.ReadAt = time.GetTimestamp();
    }

    private static TimeSpan Kept(PushCampaign campaign, TargetLists lists)
    {
        bool fetches = campaign.Spec.Targets.VidsFrom?.Any(source => source.Http is not null) == true;
        return lists.Units is null ? (fetches ? TriedAgainAfter : KeptFor) : lists.Units.IsOnDisk ? LargeKeptFor : KeptFor;
    }

    private sealed class Entry(long generation, SessionMode? sessions)
    {
        public long Generation { get; } = generation;

        public SessionMode? Sessions { get; } = sessions;

        public CancellationTokenSource Stop { get; } = new();

        public ListProgress Progress { get; } = new();

        public Task<TargetLists>? Reading { get; set; }

        /// <summary>Read for an earlier spec, and not yet known to be what this one asks for.</summary>
        public TargetLists? Before { get; set; }

        public TargetLists? Lists { get; set; }

        /// <summary>When <see cref="Lists"/> were read, or found to be unchanged.</summary>
        public long ReadAt { get; set; }
    }
}
