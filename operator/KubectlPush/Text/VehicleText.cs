using PushPlatform.KubectlPush.Resources;

namespace PushPlatform.KubectlPush.Text;

/// <summary>What is known of one car, for a person. Pure.</summary>
internal static class VehicleText
{
    public static IEnumerable<string> Lines(VehicleView vehicle, DateTimeOffset now) =>
        [$"{vehicle.Vid}, pool {vehicle.Pool}", .. Connections(vehicle.Connections, now), "", .. Deliveries(vehicle.Deliveries)];

    private static IEnumerable<string> Connections(IReadOnlyList<ConnectionView> connections, DateTimeOffset now) => connections.Count == 0
        ? ["never connected"]
        : connections.SelectMany(connection => (string[])
        [
            $"{(connection.Device is { } device ? $"{device}: " : "")}{(connection.Pod is { } pod ? $"connected to {pod}" : "not connected")}, last seen {Numbers.Age(now - connection.LastSeenAt)} ago, first seen {Numbers.Time(connection.FirstSeenAt)}",
            .. connection.Labels.Count == 0 ? (string[])[] : [$"labels {string.Join(' ', connection.Labels.OrderBy(label => label.Key, StringComparer.Ordinal).Select(label => $"{label.Key}={label.Value}"))}"],
        ]);

    private static IEnumerable<string> Deliveries(IReadOnlyList<VehicleDeliveryView> deliveries)
    {
        if (deliveries.Count == 0)
        {
            return ["It is no target of any campaign that is there."];
        }
        List<IReadOnlyList<string>> rows = [["CAMPAIGN", "REVISION", "PATCH", "CAR", "ATTEMPTS", "CODE", "WHEN", "CAMPAIGN IS"]];
        rows.AddRange(deliveries.Select(each => (IReadOnlyList<string>)
        [
            each.Campaign, $"{each.Revision}", $"{each.PatchId} {each.PatchVersion}", State(each.Delivery), $"{each.Delivery.Attempts}", each.Delivery.Code ?? "",
            each.Delivery.At is { } at ? Numbers.Time(at) : "", each.Phase ?? "",
        ]));
        return TextTable.Lines(rows);
    }

    private static string State(DeliveryView delivery) =>
        $"{(delivery.Device is { } device ? $"{device}: " : "")}{delivery.State}{(delivery.Installed ? ", installed" : "")}{(delivery.FailedLater ? ", failed later" : "")}{(delivery.Cancelled is { } forgotten ? forgotten ? ", has forgotten it" : ", told to forget it" : "")}{(delivery.Away ? ", away at the start" : "")}";
}
