using PushPlatform.Operator.Api;

namespace PushPlatform.Operator.Pools;

/// <summary>How many nodes the connections need. Pure.</summary>
/// <remarks>
/// More at once; fewer only when the others keep a tenth of their room and that has been so for a while. Without the tenth, a pool at the edge would drain a node
/// and call it back: vehicles on their way from one node to another are counted on both for a second.
/// </remarks>
internal static class AutoscaleRule
{
    /// <param name="serving">Nodes that are not being drained.</param>
    public static (int Target, QuietSpell? Spell) Decide(Autoscale rule, ScaleObservation seen, int serving)
    {
        if (!seen.StoreAnswers)
        {
            return (Math.Max(serving, rule.MinReplicas), seen.Spell);
        }
        int needed = Bounded(rule, Math.Max(Share(seen.Connections, rule.ConnectionsPerPod), Share(seen.Expected, rule.ConnectionsPerPod)));
        if (needed > serving)
        {
            return (needed, null);
        }
        int enough = Bounded(rule, Math.Max(Share(10 * seen.Connections, 9L * rule.ConnectionsPerPod), Share(seen.Expected, rule.ConnectionsPerPod)));
        if (enough >= serving)
        {
            return (serving, null);
        }
        // One that ended in fewer nodes has done its work: still fewer need one of their own.
        QuietSpell spell = seen.Spell is { } lasting && lasting.Most < serving
            ? lasting with { Most = Math.Max(lasting.Most, enough) }
            : new QuietSpell(seen.Now, enough);
        bool longEnough = seen.Now - spell.Since >= TimeSpan.FromSeconds(rule.ScaleDownAfterSeconds);
        return (longEnough ? spell.Most : serving, spell);
    }

    private static long Share(long connections, long room) => (connections + room - 1) / room;

    private static int Bounded(Autoscale rule, long nodes) => (int)Math.Clamp(nodes, rule.MinReplicas, rule.MaxReplicas);
}
