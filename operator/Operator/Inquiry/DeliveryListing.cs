using System.Buffers;
using System.IO.Pipelines;
using System.Text.Json;
using System.Text.Json.Serialization;
using PushPlatform.Delivery;
using PushPlatform.Delivery.Ledger;

namespace PushPlatform.Operator.Inquiry;

/// <summary>What became of each vehicle of a revision: a JSON object a line, as fast as it is read; the last line alone says that all are there.</summary>
internal sealed class DeliveryListing(ILedgerInquiry ledgers)
{
    /// <summary>So much is written before the reader is waited for.</summary>
    private const int FlushBytes = 32 * 1024;

    private static readonly byte[] NewLine = "\n"u8.ToArray();

    public async Task WriteAsync(HttpContext context, CampaignKey campaign)
    {
        HashSet<string> states = new(context.Request.Query["state"].OfType<string>(), StringComparer.OrdinalIgnoreCase);
        PipeWriter body = context.Response.BodyWriter;
        context.Response.ContentType = "application/x-ndjson";
        long count = 0;
        await using Utf8JsonWriter json = new(body);
        await foreach (DeliveryFate fate in ledgers.ScanAsync(campaign, context.RequestAborted))
        {
            if (states.Count > 0 && !states.Contains(fate.State.ToString()))
            {
                continue;
            }
            count++;
            await WriteLineAsync(json, body, DeliveryRow.Of(fate), InquiryJson.Default.DeliveryRow, context.RequestAborted);
        }
        await WriteLineAsync(json, body, new ListingEnd(count, campaign.Revision), InquiryJson.Default.ListingEnd, context.RequestAborted);
        await body.FlushAsync(context.RequestAborted);
    }

    /// <summary>How often each code occurs among the failures that are kept, the commonest first.</summary>
    public async Task WriteFailuresAsync(HttpContext context, CampaignKey campaign)
    {
        IReadOnlyList<FailureNote> notes = await ledgers.FailuresAsync(campaign, context.RequestAborted);
        FailureCount[] counts =
        [
            .. notes.GroupBy(note => (note.Outcome, note.Code))
                .Select(group => new FailureCount(group.Key.Outcome, group.Key.Code, group.Select(note => note.Unit).Distinct().Count(), group.Max(note => note.At)))
                .OrderByDescending(count => count.Vehicles).ThenBy(count => count.Code, StringComparer.Ordinal),
        ];
        context.Response.ContentType = "application/json";
        await JsonSerializer.SerializeAsync(context.Response.Body, new FailureAnswer(campaign.Revision, counts), InquiryJson.Default.FailureAnswer, context.RequestAborted);
    }

    private static async Task WriteLineAsync<T>(Utf8JsonWriter json, PipeWriter body, T line, System.Text.Json.Serialization.Metadata.JsonTypeInfo<T> type, CancellationToken cancellationToken)
    {
        JsonSerializer.Serialize(json, line, type);
        json.Flush();
        json.Reset();
        body.Write(NewLine);
        if (body.UnflushedBytes > FlushBytes)
        {
            await body.FlushAsync(cancellationToken);
        }
    }
}

/// <summary>One vehicle's fate, or one device's.</summary>
/// <param name="State">A <see cref="DeliveryState"/>.</param>
/// <param name="Attempts">Sends so far.</param>
/// <param name="Away">It was not connected when the campaign started.</param>
/// <param name="Outcome">With a failure that is kept: failed, rejected, failedLater.</param>
/// <param name="Code">What it gave as the reason; NoAck, NotInstalled.</param>
/// <param name="At">When it failed.</param>
/// <param name="Cancelled">It has forgotten what was cancelled; false: it has not answered.</param>
internal sealed record DeliveryRow(string Vid, string? Device, string State, int Attempts, bool Away, bool Installed, bool FailedLater, string? Outcome, string? Code, DateTimeOffset? At, bool? Cancelled)
{
    public static DeliveryRow Of(DeliveryFate fate) => new(
        UnitId.VidOf(fate.Unit).ToString(), UnitId.DeviceOf(fate.Unit), fate.State.ToString(), fate.Attempts, fate.Away, fate.Installed, fate.FailedLater,
        fate.Failure?.Outcome, fate.Failure?.Code, fate.Failure?.At, fate.Cancelled);
}

/// <summary>The last line.</summary>
/// <param name="Records">Lines before it.</param>
internal sealed record ListingEnd(long Records, int Revision);

internal sealed record FailureAnswer(int Revision, IReadOnlyList<FailureCount> Failures);

internal sealed record FailureCount(string Outcome, string Code, int Vehicles, DateTimeOffset Last);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(DeliveryRow))]
[JsonSerializable(typeof(ListingEnd))]
[JsonSerializable(typeof(FailureAnswer))]
[JsonSerializable(typeof(VehicleAnswer))]
internal sealed partial class InquiryJson : JsonSerializerContext;
