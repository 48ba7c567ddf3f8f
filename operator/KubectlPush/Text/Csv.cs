using PushPlatform.KubectlPush.Resources;

namespace PushPlatform.KubectlPush.Text;

/// <summary>A list of deliveries as RFC 4180 has it.</summary>
internal static class Csv
{
    public const string Head = "vid,device,state,attempts,away,installed,failedLater,cancelled,outcome,code,at";

    public static string Line(DeliveryView delivery) => string.Join(',', new[]
    {
        delivery.Vid, delivery.Device, delivery.State, $"{delivery.Attempts}", Flag(delivery.Away), Flag(delivery.Installed), Flag(delivery.FailedLater),
        delivery.Cancelled is { } cancelled ? Flag(cancelled) : "", delivery.Outcome, delivery.Code,
        delivery.At?.ToUniversalTime().ToString("yyyy-MM-ddTHH:mm:ss'Z'"),
    }.Select(Cell));

    private static string Flag(bool flag) => flag ? "true" : "false";

    /// <summary>What a car says of itself must not become a formula in somebody's spreadsheet: an apostrophe makes it text.</summary>
    private static string Cell(string? text)
    {
        if (string.IsNullOrEmpty(text))
        {
            return "";
        }
        string safe = text[0] is '=' or '+' or '-' or '@' or '\t' or '\r' ? $"'{text}" : text;
        return safe.AsSpan().IndexOfAny(",\"\r\n") >= 0 ? $"\"{safe.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : safe;
    }
}
