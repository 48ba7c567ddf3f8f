using System.Text.Json;

namespace PushPlatform.VehicleClient;

/// <summary>A message from a service.</summary>
/// <param name="Id">The service's own; the same for every copy.</param>
/// <param name="Payload">Any JSON value.</param>
public sealed record DirectMessage(string Id, JsonElement Payload);

/// <summary>What became of a message to the services. None of these is repeated by itself.</summary>
public enum MessageOutcome
{
    /// <summary>At least one service's queue has it.</summary>
    Accepted,

    /// <summary>No service listens.</summary>
    Unheard,

    /// <summary>The services cannot be reached at present. In rare cases it has reached them all the same.</summary>
    Unavailable,

    /// <summary>This car says too much: ten at once and one a second are taken.</summary>
    Throttled,

    /// <summary>There is no connection, or too many messages wait for theirs: it was not sent.</summary>
    NotSent,

    /// <summary>It was sent, and the link ended or half a minute passed before the node said what became of it.</summary>
    Unknown,
}
