using PushPlatform.Operator.Api;

namespace PushPlatform.Operator.Pools;

/// <summary>All that a decision about the number of a pool's nodes rests on, read once per pass.</summary>
internal sealed record ScaleObservation
{
    public required DateTimeOffset Now { get; init; }

    /// <summary>What the Deployment asks for; null while there is none.</summary>
    public int? Asked { get; init; }

    /// <summary>Pods of an older template are being replaced: several ReplicaSets share the count, and which of them gives a pod up is not ours to say.</summary>
    public bool RollingOut { get; init; }

    public IReadOnlyList<PoolPod> Pods { get; init; } = [];

    /// <summary><c>spec.replicas</c>, by whomever it was written.</summary>
    public int Replicas { get; init; }

    /// <summary>Given: <see cref="Replicas"/> is left alone.</summary>
    public Autoscale? Autoscale { get; init; }

    /// <summary>Over how long a node sends its vehicles away.</summary>
    public TimeSpan Drain { get; init; }

    /// <summary>Redis said what each pod holds and who is told to drain. Without it nobody is told anything.</summary>
    public bool StoreAnswers { get; init; } = true;

    /// <summary>Over all live nodes.</summary>
    public long Connections { get; init; }

    /// <summary>How many vehicles a campaign that is about to start will tell at once.</summary>
    public long Expected { get; init; }

    /// <summary>A campaign of the pool that is pushing; null: none is.</summary>
    public string? Pushing { get; init; }

    /// <summary>False until the operator has read the campaigns for the first time.</summary>
    public bool CampaignsKnown { get; init; } = true;

    public QuietSpell? Spell { get; init; }
}

/// <summary>One pod of a pool.</summary>
/// <param name="Draining">Marked: the Service sends it nobody, and it is the first to be given up.</param>
internal sealed record PoolPod(string Name, bool Ready, bool Draining, DateTimeOffset CreatedAt)
{
    /// <summary>It is being deleted.</summary>
    public bool Ending { get; init; }

    /// <summary>What its node last said it holds; null: it has not said so within the last seconds.</summary>
    public int? Connections { get; init; }

    /// <summary>Its node takes newcomers.</summary>
    public bool Accepting { get; init; }

    /// <summary>For how long it has been told to drain; null: it is not told.</summary>
    public TimeSpan? Told { get; init; }

    /// <summary>Nobody is left on it, and a ReplicaSet gives it up before any that is ready, whatever its version makes of deletion costs.</summary>
    public bool IsEmptied => !Ready && !Accepting && Connections is null or 0;
}

/// <summary>Fewer nodes than there are have been enough, without a break. Kept at the Deployment, so that no restart of the operator breaks it.</summary>
/// <param name="Most">The most that were needed meanwhile.</param>
internal sealed record QuietSpell(DateTimeOffset Since, int Most)
{
    /// <summary>As an annotation.</summary>
    public override string ToString() => FormattableString.Invariant($"{Since:O} {Most}");

    /// <summary>Null for what is none: then it begins anew.</summary>
    public static QuietSpell? Parse(string? text)
    {
        string[] parts = text?.Split(' ') ?? [];
        return parts.Length == 2
            && DateTimeOffset.TryParse(parts[0], System.Globalization.CultureInfo.InvariantCulture, out DateTimeOffset since)
            && int.TryParse(parts[1], System.Globalization.CultureInfo.InvariantCulture, out int most)
            ? new QuietSpell(since, most)
            : null;
    }
}
