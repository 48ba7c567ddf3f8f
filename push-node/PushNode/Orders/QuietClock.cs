using System.Collections.Concurrent;
using System.Collections.Frozen;
using NodaTime;
using NodaTime.TimeZones;
using PushPlatform.Delivery.Orders;

namespace PushPlatform.PushNode.Orders;

/// <summary>
/// Whether a vehicle's own clock shows quiet hours, and for how much longer. That clock decides and nothing else, so what it leaves out in spring or shows
/// twice in autumn is quiet as it reads. Worked out once for all vehicles of a zone. Safe to share between threads.
/// </summary>
internal sealed class QuietClock
{
    /// <summary>The label by which a vehicle says where it is (PROTOCOL.md §4).</summary>
    public const string ZoneLabel = "timeZone";

    /// <summary>What is claimed leaves within a lease's life: it has to have left before the quiet hours begin.</summary>
    private static readonly Duration Grace = Duration.FromSeconds(1);

    // The value of a label has no slash. Only names that are known here are ever looked up, so what vehicles report fills nothing.
    private static readonly FrozenDictionary<string, string> Ids = DateTimeZoneProviders.Tzdb.Ids.ToFrozenDictionary(id => id.Replace('/', '.'));

    private readonly ConcurrentDictionary<string, Spell> _spells = new(StringComparer.Ordinal);
    private readonly long _from;
    private readonly long _to;
    private readonly string _zone;

    /// <exception cref="ArgumentException">The zone is not known here.</exception>
    public QuietClock(QuietHours hours)
    {
        _from = hours.FromSecond * NodaConstants.NanosecondsPerSecond;
        _to = hours.ToSecond * NodaConstants.NanosecondsPerSecond;
        _zone = DateTimeZoneProviders.Tzdb.GetZoneOrNull(hours.TimeZone)?.Id ?? throw new ArgumentException($"{hours.TimeZone} is not known as a time zone.", nameof(hours));
    }

    /// <summary>For how long a vehicle is not to be sent anything; zero: it may be sent to.</summary>
    public TimeSpan Remaining(IReadOnlyDictionary<string, string> labels, DateTimeOffset now)
    {
        string zone = labels.TryGetValue(ZoneLabel, out string? reported) && Ids.TryGetValue(reported, out string? id) ? id : _zone;
        Instant at = Instant.FromDateTimeOffset(now);
        if (!_spells.TryGetValue(zone, out Spell? spell) || at < spell.Since || at >= spell.Until)
        {
            _spells[zone] = spell = SpellAt(DateTimeZoneProviders.Tzdb[zone], at);
        }

        return spell.IsQuiet ? (spell.Until - at).ToTimeSpan() : TimeSpan.Zero;
    }

    private Spell SpellAt(DateTimeZone zone, Instant at)
    {
        (bool quiet, Instant until) = Read(zone, at);
        if (quiet)
        {
            return new Spell(at, until, IsQuiet: true);
        }

        (bool soon, Instant then) = Read(zone, at + Grace);
        return soon ? new Spell(at, then, IsQuiet: true) : new Spell(at, Instant.Min(until, then - Grace), IsQuiet: false);
    }

    /// <summary>What the clock shows, and until when that is sure to stay so: its next turn into or out of the hours, or until somebody sets it.</summary>
    private (bool Quiet, Instant Until) Read(DateTimeZone zone, Instant at)
    {
        ZoneInterval steady = zone.GetZoneInterval(at);
        long shows = at.WithOffset(steady.WallOffset).TimeOfDay.NanosecondOfDay;
        bool quiet = _from < _to ? shows >= _from && shows < _to : shows >= _from || shows < _to;
        Instant turns = at.PlusNanoseconds(Math.Min(Until(_from), Until(_to)));
        return (quiet, steady.HasEnd ? Instant.Min(turns, steady.End) : turns);

        long Until(long time) => time > shows ? time - shows : time - shows + NodaConstants.NanosecondsPerDay;
    }

    private sealed record Spell(Instant Since, Instant Until, bool IsQuiet);
}
