using System.Text.Json;
using System.Text.Json.Serialization;
using PushPlatform.Scenarios.Demo;

namespace PushPlatform.Scenarios.Outage;

/// <summary>What came of a push during which both servers were restarted.</summary>
internal sealed record OutageReport : StoryReport
{
    public required int Vehicles { get; init; }

    /// <summary>The campaign's <c>pace.maxPerSecond</c>.</summary>
    public required int MaxPerSecond { get; init; }

    public required long Targeted { get; init; }

    public required long Delivered { get; init; }

    /// <summary>Targets that never showed the notice, by the cars' own account.</summary>
    public required int Missed { get; init; }

    /// <summary>Cars that showed it more than once.</summary>
    public required int SeenTwice { get; init; }

    /// <summary>Sends beyond a car's first, by the ledger.</summary>
    public required long Resends { get; init; }

    /// <summary>The most notices that cars saw for the first time in any one second.</summary>
    public required int PeakPerSecond { get; init; }

    /// <summary>Connections that ended, whatever the reason: a restart of a server is not the cars' business.</summary>
    public required int Disconnects { get; init; }

    public required ServerRestart Redis { get; init; }

    public required ServerRestart RabbitMq { get; init; }

    /// <summary>From lifting the hold to Completed.</summary>
    public required double Seconds { get; init; }

    public required string Phase { get; init; }

    public override string ToJson() => JsonSerializer.Serialize(this, OutageReportJson.Default.OutageReport);

    public override IEnumerable<string> Figures() =>
    [
        $"  {Phase} in {Seconds:0.0} s, at no more than {MaxPerSecond} cars a second",
        $"  cars                        {Vehicles,6}   (all on one node; {Disconnects} connections ended)",
        $"  targeted                    {Targeted,6}",
        $"  delivered                   {Delivered,6}",
        $"  sent again                  {Resends,6}",
        $"  RabbitMQ restarted when     {RabbitMq.SeenBefore,6}   had seen it; {RabbitMq.SecondsAway:0.0} s away",
        $"  Redis restarted when        {Redis.SeenBefore,6}   had seen it; {Redis.SecondsAway:0.0} s away",
        "",
        "  By the cars' own account:",
        $"  targets that missed it      {Missed,6}",
        $"  cars that saw it twice      {SeenTwice,6}",
        $"  most in any second          {PeakPerSecond,6}",
    ];
}

/// <summary>A server's stop and start.</summary>
/// <param name="SeenBefore">How many cars had seen the notice when it was stopped.</param>
/// <param name="SecondsAway">From the signal until it answered again.</param>
internal sealed record ServerRestart(int SeenBefore, double SecondsAway);

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(OutageReport))]
internal sealed partial class OutageReportJson : JsonSerializerContext;
