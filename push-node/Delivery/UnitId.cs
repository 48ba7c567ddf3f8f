using System.Text.Json.Serialization;

namespace PushPlatform.Delivery;

/// <summary>What a pool keeps apart: whole vehicles, or each device of a vehicle.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<SessionMode>))]
public enum SessionMode
{
    /// <summary>One connection per vehicle: the unit is the vid.</summary>
    Single,

    /// <summary>One connection per device of a vehicle, all of which are sent to: the unit is <c>vid/device</c>.</summary>
    PerDevice,
}

/// <summary>
/// The name of a unit: of what has one connection, one record in the registry and one in each ledger, and is counted once. Everything in this room
/// that is called a vid is a unit's name; all units of a vid lie in one shard and one bucket.
/// </summary>
public static class UnitId
{
    /// <summary>The device of a vehicle that names none.</summary>
    public const string DefaultDevice = "main";

    private const char Separator = '/';

    /// <summary>The only place where a unit's name is made.</summary>
    public static string Of(SessionMode mode, string vid, string device) => mode == SessionMode.PerDevice ? $"{vid}{Separator}{device}" : vid;

    /// <summary>The vid of a unit.</summary>
    public static ReadOnlySpan<char> VidOf(ReadOnlySpan<char> unit) => unit.IndexOf(Separator) is >= 0 and int end ? unit[..end] : unit;

    /// <summary>The device of a unit; null where the unit is a whole vehicle.</summary>
    public static string? DeviceOf(string unit) => unit.IndexOf(Separator) is >= 0 and int end ? unit[(end + 1)..] : null;

    /// <summary>Whether a text names one device and not a whole vehicle.</summary>
    public static bool NamesDevice(ReadOnlySpan<char> text) => text.Contains(Separator);

    /// <summary>Whether a unit is one of a pool that keeps these apart; one that is not was left by another pool of the same name.</summary>
    public static bool Fits(SessionMode mode, ReadOnlySpan<char> unit) => NamesDevice(unit) == (mode == SessionMode.PerDevice);
}
