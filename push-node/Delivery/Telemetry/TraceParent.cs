using System.Diagnostics;

namespace PushPlatform.Delivery.Telemetry;

/// <summary>Reads the W3C header <c>traceparent</c> (Trace Context, §3.2) that travels in orders.</summary>
public static class TraceParent
{
    /// <summary>Length of the only version there is, 00.</summary>
    private const int Length = 55;

    /// <summary>False, and the default context, for null and for whatever is not one of version 00.</summary>
    public static bool TryParse(string? text, out ActivityContext context)
    {
        context = default;
        return text is { Length: Length } && text.StartsWith("00-", StringComparison.Ordinal) && ActivityContext.TryParse(text, traceState: null, isRemote: true, out context);
    }
}
