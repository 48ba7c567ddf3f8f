using PushPlatform.Kubernetes.Models;

namespace PushPlatform.Kubernetes.Events;

public enum EventType
{
    Normal,
    Warning,
}

/// <summary>Tells a person, in <c>kubectl describe</c>, what happened to an object.</summary>
public interface IEventPublisher
{
    /// <summary>
    /// Never throws and never waits: events are written in the background. The same object, reason and message within 10 minutes is one Event whose count
    /// rises, so keep counters and times out of messages. Beyond 25 different events in a burst (then one every 5 minutes) per object, and beyond 1,000
    /// waiting in all, events are dropped and counted.
    /// </summary>
    /// <param name="entity">What it happened to; its namespace is where the event is kept.</param>
    /// <param name="reason">One CamelCase word, at most 128 characters.</param>
    /// <param name="message">A sentence; what exceeds 1,024 bytes is cut.</param>
    /// <param name="type">Warning = a person should look.</param>
    /// <param name="action">What the operator did or tried, one CamelCase word; default <c>Reconcile</c>.</param>
    void Publish(IKubernetesObject<V1ObjectMeta> entity, string reason, string message, EventType type = EventType.Normal, string action = "Reconcile");
}
