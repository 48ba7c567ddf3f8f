using PushPlatform.Kubernetes.Models;

namespace PushPlatform.Operator.Conditions;

/// <summary>Builds the conditions of a status: a condition's transition time moves only when its status does.</summary>
/// <param name="before">As the status has them now.</param>
/// <param name="generation">Of the spec that is answered.</param>
/// <param name="now">The time of transitions that happen now.</param>
internal sealed class ConditionList(IReadOnlyList<V1Condition>? before, long generation, DateTimeOffset now)
{
    private readonly List<V1Condition> _conditions = [];

    public void Set(string type, bool status, string reason, string message) => Add(type, status ? "True" : "False", reason, message);

    /// <summary>For what cannot be known yet; says nothing where the condition stands already.</summary>
    public void SetUnknown(string type, string reason, string message)
    {
        if (!_conditions.Exists(condition => condition.Type == type))
        {
            Add(type, "Unknown", reason, message);
        }
    }

    /// <summary>Takes the named ones over as they were.</summary>
    public void Keep(params ReadOnlySpan<string> types)
    {
        foreach (string type in types)
        {
            if (Before(type) is { } condition)
            {
                _conditions.Add(condition);
            }
        }
    }

    public IReadOnlyList<V1Condition> Build() => [.. _conditions.OrderBy(condition => condition.Type, StringComparer.Ordinal)];

    private void Add(string type, string status, string reason, string message)
    {
        V1Condition? earlier = Before(type);
        _conditions.Add(new V1Condition
        {
            Type = type,
            Status = status,
            Reason = reason,
            Message = message,
            ObservedGeneration = generation,
            LastTransitionTime = earlier?.Status == status ? earlier.LastTransitionTime : now.AddTicks(-(now.Ticks % TimeSpan.TicksPerSecond)),
        });
    }

    private V1Condition? Before(string type) => before?.FirstOrDefault(condition => condition.Type == type);
}
