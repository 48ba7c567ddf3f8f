using PushPlatform.Delivery.Messages;

namespace PushPlatform.PushNode.Messages;

/// <summary>A node's answer to a service, in parts that are bounded.</summary>
internal static class Replies
{
    /// <returns>Nothing where the node held none of the vehicles: the service hears of those that were there.</returns>
    public static IReadOnlyList<MessageReply> Of(string node, string? id, string? fault, IReadOnlyDictionary<string, string>? outcomes)
    {
        if (fault is not null)
        {
            return [new MessageReply { Node = node, Id = id, Part = 1, Parts = 1, Refused = fault }];
        }

        KeyValuePair<string, string>[][] parts = [.. (outcomes ?? new Dictionary<string, string>()).Chunk(MessageReply.MaxOutcomes)];
        return
        [
            .. parts.Select((part, i) => new MessageReply
            {
                Node = node,
                Id = id,
                Part = i + 1,
                Parts = parts.Length,
                Outcomes = new Dictionary<string, string>(part),
            }),
        ];
    }
}
