using System.Diagnostics;

namespace PushPlatform.VehicleClient;

/// <summary>What a car adds to the trace of a push.</summary>
public static class VehicleTracing
{
    /// <summary>The name to listen to. Its one activity, <c>push receive</c>, is about <see cref="VehicleOptions.OnPush"/>, with the delivery id and the reported status.</summary>
    public const string SourceName = "PushPlatform.VehicleClient";

    private static readonly ActivitySource Source = new(SourceName);

    /// <summary>Null while nobody listens, which costs nothing.</summary>
    internal static Activity? Begin(Push push)
    {
        if (!Source.HasListeners())
        {
            return null;
        }

        ActivityContext parent = ActivityContext.TryParse(push.TraceParent, traceState: null, isRemote: true, out ActivityContext told) ? told : default;
        return Source.StartActivity("push receive", ActivityKind.Consumer, parent)?.SetTag("push.delivery", push.Delivery);
    }
}
