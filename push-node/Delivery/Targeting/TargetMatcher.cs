using System.Collections.Frozen;
using PushPlatform.Delivery.Registry;

namespace PushPlatform.Delivery.Targeting;

/// <summary>A <see cref="TargetFilter"/> made ready to judge vehicles. Pure, and safe to share between threads.</summary>
/// <remarks>
/// Labels, exclusions and "known" are judged once, when a vehicle becomes a target; the area is judged then and again before each send,
/// so the two halves can be asked one by one.
/// </remarks>
public sealed class TargetMatcher
{
    private readonly long _seenWithinSeconds;
    private readonly FrozenSet<string> _excluded;
    private readonly FrozenSet<string>.AlternateLookup<ReadOnlySpan<char>> _excludedVids;
    private readonly Func<IReadOnlyDictionary<string, string>, bool>[] _requirements;
    private readonly AreaMatcher? _area;

    /// <exception cref="ArgumentException">An area of the filter is not well formed.</exception>
    public TargetMatcher(TargetFilter filter)
    {
        _seenWithinSeconds = filter.SeenWithinSeconds;
        _excluded = filter.ExcludeVids.ToFrozenSet(StringComparer.Ordinal);
        _excludedVids = _excluded.GetAlternateLookup<ReadOnlySpan<char>>();
        _requirements = filter.Selector is null ? [] : [.. Compile(filter.Selector)];
        _area = filter.Geo is null ? null : new AreaMatcher(filter.Geo);
    }

    /// <summary>The whole verdict.</summary>
    public TargetVerdict Judge(TargetCandidate vehicle, DateTimeOffset now)
    {
        if (!Selects(vehicle.Vid, vehicle.Labels) || !Knows(vehicle.LastSeen, now))
        {
            return TargetVerdict.NotTarget;
        }

        return InArea(vehicle.Position, vehicle.LastSeen ?? now) ? TargetVerdict.Match : TargetVerdict.Outside;
    }

    /// <summary>Whether the selector takes these labels and neither the unit nor its vid is excluded.</summary>
    public bool Selects(string unit, IReadOnlyDictionary<string, string> labels) =>
        !IsExcluded(unit) && Array.TrueForAll(_requirements, requirement => requirement(labels));

    /// <summary>Whether a vehicle counts as known.</summary>
    /// <param name="lastSeen">Null: it is connected.</param>
    public bool Knows(DateTimeOffset? lastSeen, DateTimeOffset now) =>
        lastSeen is not { } seen || (_seenWithinSeconds > 0 && (now - seen).TotalSeconds <= _seenWithinSeconds);

    /// <summary>Whether a vehicle is where the campaign is for; true when it is for everywhere.</summary>
    /// <param name="asOf">What the position's age is counted to: now for a connected vehicle, when it was last seen for an absent one.</param>
    public bool InArea(VehiclePosition? position, DateTimeOffset asOf) => _area is null || _area.Contains(position, asOf);

    // A vid that is excluded takes all its devices with it.
    private bool IsExcluded(string unit) => _excluded.Count > 0 && (_excluded.Contains(unit) || _excludedVids.Contains(UnitId.VidOf(unit)));

    // As in Kubernetes: NotIn and DoesNotExist also match where the key is absent.
    private static IEnumerable<Func<IReadOnlyDictionary<string, string>, bool>> Compile(LabelSelector selector)
    {
        foreach ((string key, string value) in selector.MatchLabels)
        {
            yield return labels => labels.TryGetValue(key, out string? actual) && actual == value;
        }

        foreach (LabelRequirement requirement in selector.MatchExpressions)
        {
            string key = requirement.Key;
            FrozenSet<string> values = requirement.Values.ToFrozenSet();
            yield return requirement.Operator switch
            {
                LabelOperator.In => labels => labels.TryGetValue(key, out string? actual) && values.Contains(actual),
                LabelOperator.NotIn => labels => !labels.TryGetValue(key, out string? actual) || !values.Contains(actual),
                LabelOperator.Exists => labels => labels.ContainsKey(key),
                LabelOperator.DoesNotExist => labels => !labels.ContainsKey(key),
                _ => throw new ArgumentException($"{requirement.Operator} is no operator.", nameof(selector)),
            };
        }
    }
}

/// <param name="LastSeen">Null: it is connected, and counts as seen now.</param>
public readonly record struct TargetCandidate(
    string Vid, IReadOnlyDictionary<string, string> Labels, VehiclePosition? Position, DateTimeOffset? LastSeen);

public enum TargetVerdict
{
    /// <summary>Not for this vehicle: excluded, not selected, or not known.</summary>
    NotTarget,

    /// <summary>For this vehicle, but not where it is now.</summary>
    Outside,

    Match,
}
