using System.Text.Json;
using PushPlatform.Delivery.Membership;
using StackExchange.Redis;

namespace PushPlatform.Delivery.Redis;

internal sealed class RedisNodeMembership(RedisConnection redis) : INodeMembership
{
    // Long enough for a person to see in Redis which node died.
    private static readonly TimeSpan ClearedAfter = TimeSpan.FromMinutes(10);

    private static readonly RedisScript Beat = RedisScript.Load("beat");
    private static readonly RedisScript OperatorBeat = RedisScript.Load("operator-beat");
    private static readonly RedisScript Nodes = RedisScript.Load("nodes");

    public async Task<BeatReply> BeatAsync(PoolName pool, NodeBeat beat, CancellationToken cancellationToken)
    {
        RedisResult[] reply = (RedisResult[])await redis.EvaluateAsync(
            Beat,
            [PushKeys.Nodes(pool), PushKeys.OrderSeq(pool), PushKeys.OperatorBeat(pool), PushKeys.Drain(pool)],
            [beat.Node, JsonSerializer.Serialize(beat, DeliveryJson.Default.NodeBeat), beat.Pod],
            cancellationToken);
        long now = (long)reply[2];
        TimeSpan? operatorAge = reply[1].IsNull ? null : TimeSpan.FromMicroseconds(now - (long)reply[1]);
        return new BeatReply((long)reply[0], operatorAge, now) { ToldToDrain = (bool)reply[3] };
    }

    public async Task<IReadOnlyList<NodeBeat>> LiveNodesAsync(PoolName pool, CancellationToken cancellationToken)
    {
        string[] beats = (string[])await redis.EvaluateAsync(
            Nodes,
            [PushKeys.Nodes(pool)],
            [(long)INodeMembership.DeadAfter.TotalMicroseconds, (long)ClearedAfter.TotalMicroseconds],
            cancellationToken);
        // What is no beat says nothing of a node, and is gone with the node's next one.
        return [.. beats.Select(json => ForeignJson.Read(json, DeliveryJson.Default.NodeBeat)).OfType<NodeBeat>()];
    }

    public Task LeaveAsync(PoolName pool, string node, CancellationToken cancellationToken) =>
        redis.CallAsync(database => database.HashDeleteAsync(PushKeys.Nodes(pool), node), cancellationToken);

    public Task OperatorBeatAsync(PoolName pool, CancellationToken cancellationToken) =>
        redis.EvaluateAsync(OperatorBeat, [PushKeys.OperatorBeat(pool)], [], cancellationToken);
}
