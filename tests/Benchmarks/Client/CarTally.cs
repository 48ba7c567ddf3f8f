using System.Text.Json.Serialization;

namespace PushPlatform.Benchmarks.Client;

/// <summary>What cars have seen since the last "clear" (<see cref="Open"/> and <see cref="Ready"/>: what is now), as fleet.c prints it.</summary>
/// <param name="Open">Upgraded connections.</param>
/// <param name="Ready">Of these, those that the server has welcomed in its own protocol.</param>
/// <param name="Lost">Connections that ended from the other side.</param>
/// <param name="Refused">Handshakes answered with anything but 101.</param>
/// <param name="Faults">Whatever should not be: failed sends, frames that were not understood.</param>
/// <param name="Messages">Those that carry something: no welcomes, no pings.</param>
/// <param name="Bytes">Of these messages with their frames' headers.</param>
/// <param name="Pushes">Copies of a notice, each acknowledged.</param>
/// <param name="Told">Cars that got at least one copy.</param>
/// <param name="FirstAt">Arrival of the first message; ns of the monotonic clock, as <see cref="LastAt"/> and <see cref="At"/>.</param>
/// <param name="HandshakeWorstUs">From connect to 101, of those that were accepted.</param>
/// <param name="CpuUs">Of the client itself, since it started.</param>
internal sealed record CarTally(
    long Open, long Ready, long Opened, long Lost, long Refused, long Faults, long Messages, long Bytes, long Pings, long Pushes, long Told,
    long FirstAt, long LastAt, long HandshakeWorstUs, long P50Us, long P99Us, long WorstUs, long CpuUs, long At)
{
    /// <summary>Of several client processes; their quantiles are the worst one's.</summary>
    public static CarTally Sum(IReadOnlyList<CarTally> parts) => new(
        parts.Sum(part => part.Open), parts.Sum(part => part.Ready), parts.Sum(part => part.Opened), parts.Sum(part => part.Lost),
        parts.Sum(part => part.Refused), parts.Sum(part => part.Faults), parts.Sum(part => part.Messages), parts.Sum(part => part.Bytes),
        parts.Sum(part => part.Pings), parts.Sum(part => part.Pushes), parts.Sum(part => part.Told),
        parts.Where(part => part.FirstAt > 0).Select(part => part.FirstAt).DefaultIfEmpty().Min(), parts.Max(part => part.LastAt),
        parts.Max(part => part.HandshakeWorstUs), parts.Max(part => part.P50Us), parts.Max(part => part.P99Us), parts.Max(part => part.WorstUs),
        parts.Sum(part => part.CpuUs), parts.Max(part => part.At));
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(CarTally))]
[JsonSerializable(typeof(long[]))]
internal sealed partial class CarTallyJson : JsonSerializerContext;
