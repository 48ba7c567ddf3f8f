namespace PushPlatform.Delivery.Registry;

/// <summary>What is known of each vehicle of a pool, and where it is connected now.</summary>
/// <remarks>
/// A vehicle is a unit here, and its vid the unit's name (<see cref="UnitId"/>). Batches hold vehicles of one shard, at most 256. Sessions grow for each vehicle: a write of an older session is ignored, so a late
/// leave or position of a replaced connection changes nothing. Every member may be repeated. All throw <see cref="StoreUnavailableException"/>.
/// </remarks>
public interface IVehicleRegistry
{
    /// <summary>
    /// Devices of one vid that are remembered while they are not connected: for one more, the one that has been away longest is forgotten. As many may be
    /// connected to one node.
    /// </summary>
    const int MostDevices = 16;

    /// <summary>
    /// Gives each vehicle a new session, greater than every earlier one, makes <paramref name="node"/> its holder and stores what it reported.
    /// Answers in the order of the batch, with the previous holder, whose session is now void and is to be kicked.
    /// </summary>
    /// <remarks>
    /// An arrival that was not answered is never carried out later: nothing that a silent link gives up at last makes a vehicle that has gone elsewhere seem to
    /// have come back. It may have been carried out in time, though, and only its answer be lost; whoever asks anything next sees that.
    /// </remarks>
    Task<IReadOnlyList<Arrived>> ArriveAsync(PoolName pool, int shard, string node, IReadOnlyList<Arrival> batch, CancellationToken cancellationToken);

    /// <summary>Ends presence where the session is still the current one; last seen becomes now.</summary>
    Task LeaveAsync(PoolName pool, int shard, IReadOnlyList<VehicleSession> batch, CancellationToken cancellationToken);

    /// <summary>Stores new labels or a new position of the current session.</summary>
    Task UpdateAsync(PoolName pool, int shard, IReadOnlyList<VehicleUpdate> batch, CancellationToken cancellationToken);

    /// <summary>
    /// Compares a node's sessions with presence: last seen becomes now, presence that was lost is put back, and those whose session is not the newest are
    /// returned. Where another node holds the newest, their connection is to be closed; where nobody does, they are given a newer one.
    /// </summary>
    Task<IReadOnlyList<Superseded>> ConfirmAsync(PoolName pool, int shard, string node, IReadOnlyList<VehicleSession> batch, CancellationToken cancellationToken);

    /// <summary>
    /// Every vehicle on record in a shard, in pages; each at least once if it was on record throughout. Those that nobody holds and that were last
    /// seen longer than <paramref name="keepFor"/> ago are taken out on the way and not answered: should one come back, it is new.
    /// </summary>
    IAsyncEnumerable<IReadOnlyList<KnownVehicle>> WalkAsync(PoolName pool, int shard, TimeSpan keepFor, CancellationToken cancellationToken);

    /// <summary>The records of the given vehicles of one shard, null where there is none, in the order asked for.</summary>
    Task<IReadOnlyList<KnownVehicle?>> FindAsync(PoolName pool, int shard, IReadOnlyList<string> vids, CancellationToken cancellationToken);

    /// <summary>
    /// For how long each vehicle is to be left alone, because it was told of something else not long ago; zero: it may be told. In the order asked for, and at once with
    /// <see cref="Telling.Now"/>: of two who would tell a vehicle at the same time, one may.
    /// </summary>
    Task<IReadOnlyList<TimeSpan>> ToldAsync(PoolName pool, int shard, Telling telling, IReadOnlyList<string> vids, CancellationToken cancellationToken);

    /// <summary>Every device on record of the given vids of one shard, in no order: the units of a <see cref="SessionMode.PerDevice"/> pool.</summary>
    Task<IReadOnlyList<KnownVehicle>> FindDevicesAsync(PoolName pool, int shard, IReadOnlyList<string> vids, CancellationToken cancellationToken);
}

/// <param name="Labels">Null: the vehicle did not say; the known ones stay.</param>
/// <param name="Position">Null: likewise.</param>
public sealed record Arrival(string Vid, IReadOnlyDictionary<string, string>? Labels, VehiclePosition? Position);

/// <summary>Something that vehicles are told of.</summary>
/// <param name="DeliveryId">What it is: told of it again, a vehicle is not told of something else.</param>
/// <param name="LeaveAlone">Whoever was told of something else so long ago, or more recently, is to be left alone. Zero: nobody is.</param>
/// <param name="Now">Whoever may be told is being told now, and is noted as such; else it is only asked.</param>
public sealed record Telling(string DeliveryId, TimeSpan LeaveAlone, bool Now);

/// <param name="Session">Greater than every earlier session of the vehicle; at least Redis time in µs.</param>
/// <param name="FirstSeenAt">Redis time in µs of its first arrival ever: new to a campaign when at or after the campaign's start.</param>
/// <param name="Labels">As now on record.</param>
/// <param name="Position">As now on record.</param>
/// <param name="Previous">The holder that it replaces, if it was online.</param>
public sealed record Arrived(
    string Vid, long Session, long FirstSeenAt, IReadOnlyDictionary<string, string> Labels, VehiclePosition? Position, Holder? Previous);

public sealed record Holder(string Node, long Session);

/// <summary>A connection whose session is not its vehicle's newest.</summary>
/// <param name="Session">What it has from now on; 0: none, for the vehicle has a newer connection on another node.</param>
public sealed record Superseded(string Vid, long Session);

public readonly record struct VehicleSession(string Vid, long Session);

public sealed record VehicleUpdate(string Vid, long Session, IReadOnlyDictionary<string, string>? Labels, VehiclePosition? Position);

/// <param name="Lat">Degrees, -90 to 90.</param>
/// <param name="Lon">Degrees, -180 to 180.</param>
/// <param name="At">When the vehicle was there, ms since the Unix epoch.</param>
public sealed record VehiclePosition(double Lat, double Lon, long At);

/// <param name="FirstSeenAt">Redis time in µs.</param>
/// <param name="LastSeenAt">Redis time in µs.</param>
/// <param name="Holder">Where it is connected; null when absent. A holder that is no live node (see membership) is an absence not yet noticed.</param>
public sealed record KnownVehicle(
    string Vid, long FirstSeenAt, long LastSeenAt, IReadOnlyDictionary<string, string> Labels, VehiclePosition? Position, Holder? Holder);
