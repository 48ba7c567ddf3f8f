using System.Globalization;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using PushPlatform.Delivery.Registry;
using StackExchange.Redis;

namespace PushPlatform.Delivery.Redis;

internal sealed class RedisVehicleRegistry(RedisConnection redis, TimeProvider clock) : IVehicleRegistry
{
    // One to learn a shard's time where it is not known or was set, one to arrive.
    private const int MostArriveCalls = 2;

    // A page of a walk: a quarter of the buckets, or as many as hold about this many records.
    private const int PageBuckets = 256;
    private const int PageVehicles = 256;

    private static readonly RedisScript Arrive = Load("arrive");
    private static readonly RedisScript Leave = Load("leave");
    private static readonly RedisScript Update = Load("update");
    private static readonly RedisScript Confirm = Load("confirm");
    private static readonly RedisScript Walk = Load("walk");
    private static readonly RedisScript Find = Load("find");
    private static readonly RedisScript Devices = Load("devices");
    private static readonly RedisScript Told = RedisScript.Load("told");

    // As long as the longest that anybody may ask for.
    private static readonly TimeSpan KeepTold = TimeSpan.FromDays(7);
    private readonly ArrivalDeadlines _deadlines = new(clock);

    public async Task<IReadOnlyList<Arrived>> ArriveAsync(
        PoolName pool, int shard, string node, IReadOnlyList<Arrival> batch, CancellationToken cancellationToken)
    {
        for (int call = 0; call < MostArriveCalls; call++)
        {
            ShardArguments arguments = new(
                shard, batch.Count, PushKeys.RegistryBuckets, node, IVehicleRegistry.MostDevices, _deadlines.Next(pool, shard));
            foreach (Arrival arrival in batch)
            {
                arguments.Add(arrival.Vid, Write(arrival.Position), Write(arrival.Labels));
            }

            string[] reply = (string[])await EvaluateAsync(Arrive, pool, shard, arguments, cancellationToken);
            _deadlines.Heard(pool, shard, long.Parse(reply[0]));
            if (reply.Length > 1)
            {
                return [.. batch.Select((arrival, i) => ReadArrived(arrival.Vid, reply.AsSpan(1 + (i * 6), 6)))];
            }
        }

        throw new StoreUnavailableException($"Redis: takes longer than {RedisConnection.CallTimeout.TotalSeconds:0} s to answer");
    }

    public Task LeaveAsync(PoolName pool, int shard, IReadOnlyList<VehicleSession> batch, CancellationToken cancellationToken)
    {
        ShardArguments arguments = new(shard, batch.Count, PushKeys.RegistryBuckets);
        foreach (VehicleSession vehicle in batch)
        {
            arguments.Add(vehicle.Vid, vehicle.Session);
        }

        return EvaluateAsync(Leave, pool, shard, arguments, cancellationToken);
    }

    public Task UpdateAsync(PoolName pool, int shard, IReadOnlyList<VehicleUpdate> batch, CancellationToken cancellationToken)
    {
        ShardArguments arguments = new(shard, batch.Count, PushKeys.RegistryBuckets);
        foreach (VehicleUpdate update in batch)
        {
            arguments.Add(update.Vid, update.Session, Write(update.Position), Write(update.Labels));
        }

        return EvaluateAsync(Update, pool, shard, arguments, cancellationToken);
    }

    public async Task<IReadOnlyList<Superseded>> ConfirmAsync(
        PoolName pool, int shard, string node, IReadOnlyList<VehicleSession> batch, CancellationToken cancellationToken)
    {
        ShardArguments arguments = new(shard, batch.Count, PushKeys.RegistryBuckets, node);
        foreach (VehicleSession vehicle in batch)
        {
            arguments.Add(vehicle.Vid, vehicle.Session);
        }

        string[] reply = (string[])await EvaluateAsync(Confirm, pool, shard, arguments, cancellationToken);
        return [.. reply.Chunk(2).Select(pair => new Superseded(pair[0], long.Parse(pair[1])))];
    }

    public async IAsyncEnumerable<IReadOnlyList<KnownVehicle>> WalkAsync(
        PoolName pool, int shard, TimeSpan keepFor, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        long bucket = 0;
        while (bucket >= 0)
        {
            RedisResult[] reply = (RedisResult[])await redis.EvaluateAsync(
                Walk, Keys(pool, shard), [PushKeys.RegistryBuckets, bucket, PageBuckets, PageVehicles, (long)keepFor.TotalMicroseconds], cancellationToken);
            bucket = (long)reply[0];
            List<KnownVehicle> page = ReadAll(reply, 1);
            if (page.Count > 0)
            {
                yield return page;
            }
        }
    }

    public async Task<IReadOnlyList<KnownVehicle?>> FindAsync(
        PoolName pool, int shard, IReadOnlyList<string> vids, CancellationToken cancellationToken)
    {
        string?[] reply = (string[])await EvaluateAsync(Find, pool, shard, Arguments(shard, vids), cancellationToken);
        return [.. vids.Select((vid, i) => reply[3 * i] is { } record ? ReadKnown(vid, record, reply[(3 * i) + 1]!, reply[(3 * i) + 2]!) : null)];
    }

    public async Task<IReadOnlyList<KnownVehicle>> FindDevicesAsync(
        PoolName pool, int shard, IReadOnlyList<string> vids, CancellationToken cancellationToken) =>
        ReadAll((RedisResult[])await EvaluateAsync(Devices, pool, shard, Arguments(shard, vids), cancellationToken), 0);

    public async Task<IReadOnlyList<TimeSpan>> ToldAsync(PoolName pool, int shard, Telling telling, IReadOnlyList<string> vids, CancellationToken cancellationToken)
    {
        ShardArguments arguments = new(
            shard, vids.Count, PushKeys.RegistryBuckets, Digest(telling.DeliveryId), (long)telling.LeaveAlone.TotalMilliseconds, telling.Now, (long)KeepTold.TotalMilliseconds);
        foreach (string vid in vids)
        {
            arguments.Add(vid);
        }

        RedisValue[] reply = (RedisValue[])await redis.EvaluateAsync(Told, [PushKeys.ToldPrefix(pool, shard)], arguments.ToArray(), cancellationToken);
        return [.. reply.Select(wait => TimeSpan.FromMilliseconds((long)wait))];
    }

    private static RedisScript Load(string name) => RedisScript.LoadAfter("_vehicle", name);

    private static RedisKey[] Keys(PoolName pool, int shard) => [PushKeys.Online(pool, shard), PushKeys.RegistryPrefix(pool, shard)];

    // An id may have 200 characters, and each vehicle keeps one.
    private static string Digest(string deliveryId) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(deliveryId)).AsSpan(0, 8));

    private Task<RedisResult> EvaluateAsync(
        RedisScript script, PoolName pool, int shard, ShardArguments arguments, CancellationToken cancellationToken) =>
        redis.EvaluateAsync(script, Keys(pool, shard), arguments.ToArray(), cancellationToken);

    private static ShardArguments Arguments(int shard, IReadOnlyList<string> vids)
    {
        ShardArguments arguments = new(shard, vids.Count, PushKeys.RegistryBuckets);
        foreach (string vid in vids)
        {
            arguments.Add(vid);
        }

        return arguments;
    }

    private static List<KnownVehicle> ReadAll(RedisResult[] reply, int from)
    {
        List<KnownVehicle> vehicles = [];
        for (int i = from; i < reply.Length; i += 4)
        {
            vehicles.Add(ReadKnown((string)reply[i], (string)reply[i + 1], (string)reply[i + 2], (string)reply[i + 3]));
        }

        return vehicles;
    }

    private static Arrived ReadArrived(string vid, ReadOnlySpan<string> parts) => new(
        vid, long.Parse(parts[0]), long.Parse(parts[1]), ReadLabels(parts[3]), ReadPosition(parts[2]), ReadHolder(parts[4], parts[5]));

    // first seen|last seen|session|position|labels
    private static KnownVehicle ReadKnown(string vid, string record, string session, string node)
    {
        string[] parts = record.Split('|', 5);
        return new KnownVehicle(
            vid, long.Parse(parts[0]), long.Parse(parts[1]), ReadLabels(parts[4]), ReadPosition(parts[3]), ReadHolder(session, node));
    }

    private static Holder? ReadHolder(string session, string node) => session.Length == 0 ? null : new Holder(node, long.Parse(session));

    private static string Write(VehiclePosition? position) => position is null
        ? ""
        : string.Create(CultureInfo.InvariantCulture, $"{position.Lat};{position.Lon};{position.At}");

    // Position and labels that cannot be read count as not said: the vehicle says them again.
    private static VehiclePosition? ReadPosition(string text) =>
        text.Split(';') is [string lat, string lon, string at]
        && double.TryParse(lat, CultureInfo.InvariantCulture, out double north)
        && double.TryParse(lon, CultureInfo.InvariantCulture, out double east)
        && long.TryParse(at, CultureInfo.InvariantCulture, out long moment)
            ? new VehiclePosition(north, east, moment)
            : null;

    private static string Write(IReadOnlyDictionary<string, string>? labels) =>
        labels is null ? "" : JsonSerializer.Serialize(labels, DeliveryJson.Default.IReadOnlyDictionaryStringString);

    private static IReadOnlyDictionary<string, string> ReadLabels(string json) => json.Length == 0
        ? new Dictionary<string, string>()
        : ForeignJson.Read(json, DeliveryJson.Default.IReadOnlyDictionaryStringString) ?? new Dictionary<string, string>();
}
