using System.Text.Json.Nodes;

namespace PushPlatform.LocalCluster.Api.Reading;

/// <summary>What <c>kubectl get</c> shows of the built-in kinds.</summary>
internal static class BuiltInColumns
{
    public static IReadOnlyList<TableColumn> Namespaces { get; } =
        [TableColumn.Name, Text("Status", value => value.Text("status", "phase")), TableColumn.Age];

    public static IReadOnlyList<TableColumn> Pods { get; } =
    [
        TableColumn.Name,
        Text("Ready", value => $"{ContainerStatuses(value).Count(status => status.Flag("ready"))}/{value.Items("spec", "containers").Count()}"),
        Text("Status", PodStatus),
        Text("Restarts", value => $"{ContainerStatuses(value).Sum(status => status.Number("restartCount") ?? 0)}"),
        TableColumn.Age,
        Text("IP", value => value.Text("status", "podIP") ?? "<none>", priority: 1),
        Text("Node", value => value.Text("spec", "nodeName") ?? "<none>", priority: 1),
    ];

    public static IReadOnlyList<TableColumn> Services { get; } =
    [
        TableColumn.Name,
        Text("Type", value => value.Text("spec", "type") ?? "ClusterIP"),
        Text("Cluster-IP", value => value.Text("spec", "clusterIP") ?? "<none>"),
        Text("External-IP", _ => "<none>"),
        Text("Port(s)", value => string.Join(',', value.Items("spec", "ports").Select(port => $"{port.Number("port")}/{port.Text("protocol") ?? "TCP"}"))),
        TableColumn.Age,
        Text("Selector", value => string.Join(',', value.Members("spec", "selector").Select(label => $"{label.Key}={label.Value}")), priority: 1),
    ];

    public static IReadOnlyList<TableColumn> ConfigMaps { get; } = [TableColumn.Name, DataCount, TableColumn.Age];

    public static IReadOnlyList<TableColumn> Secrets { get; } =
        [TableColumn.Name, Text("Type", value => value.Text("type") ?? "Opaque"), DataCount, TableColumn.Age];

    public static IReadOnlyList<TableColumn> Events { get; } =
    [
        new("Last Seen", "string", (value, now) => TableColumn.AgeOf(LastSeen(value), now)),
        Text("Type", value => value.Text("type")),
        Text("Reason", value => value.Text("reason")),
        Text("Object", value => $"{Subject(value).Text("kind")?.ToLowerInvariant()}/{Subject(value).Text("name")}"),
        Text("Message", value => (value.Text("message") ?? value.Text("note"))?.Trim()),
        Text("Count", value => $"{value.Number("series", "count") ?? value.Number("count") ?? 1}", priority: 1),
        Text("Name", value => value.Name(), priority: 1),
    ];

    public static IReadOnlyList<TableColumn> Deployments { get; } =
    [
        TableColumn.Name,
        Text("Ready", value => $"{value.Number("status", "readyReplicas") ?? 0}/{value.Number("spec", "replicas") ?? 1}"),
        Number("Up-to-date", value => value.Number("status", "updatedReplicas") ?? 0),
        Number("Available", value => value.Number("status", "availableReplicas") ?? 0),
        TableColumn.Age,
        Text("Images", value => string.Join(',', value.Items("spec", "template", "spec", "containers").Select(container => container.Text("image"))), priority: 1),
    ];

    public static IReadOnlyList<TableColumn> ReplicaSets { get; } =
    [
        TableColumn.Name,
        Number("Desired", value => value.Number("spec", "replicas") ?? 0),
        Number("Current", value => value.Number("status", "replicas") ?? 0),
        Number("Ready", value => value.Number("status", "readyReplicas") ?? 0),
        TableColumn.Age,
    ];

    public static IReadOnlyList<TableColumn> Leases { get; } =
        [TableColumn.Name, Text("Holder", value => value.Text("spec", "holderIdentity")), TableColumn.Age];

    private static TableColumn DataCount => Number("Data", value => value.Members("data").Count() + value.Members("binaryData").Count());

    private static TableColumn Text(string title, Func<JsonObject, string?> cell, int priority = 0) =>
        new(title, "string", (value, _) => cell(value) ?? "", priority);

    private static TableColumn Number(string title, Func<JsonObject, long> cell) => new(title, "integer", (value, _) => cell(value));

    private static IEnumerable<JsonNode?> ContainerStatuses(JsonObject pod) => pod.Items("status", "containerStatuses");

    private static string PodStatus(JsonObject pod)
    {
        if (pod.IsTerminating())
        {
            return "Terminating";
        }
        string? waiting = ContainerStatuses(pod).Select(status => status.Text("state", "waiting", "reason")).FirstOrDefault(reason => reason is not null);
        return waiting ?? pod.Text("status", "reason") ?? pod.Text("status", "phase") ?? "Pending";
    }

    private static JsonNode? Subject(JsonObject value) => value.At("involvedObject") ?? value.At("regarding");

    private static string? LastSeen(JsonObject value) =>
        value.Text("series", "lastObservedTime") ?? value.Text("lastTimestamp") ?? value.Text("deprecatedLastTimestamp") ?? value.Text("eventTime")
        ?? value.Text("metadata", "creationTimestamp");
}
