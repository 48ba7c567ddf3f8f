using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using PushPlatform.LocalCluster.Api;

namespace PushPlatform.LocalCluster.Runner;

/// <summary>Services become listening sockets on their own loopback address and Endpoints objects. Level-based, like its neighbours.</summary>
internal sealed class ServiceController(ClusterApi api, Mirror services, Mirror pods, LoopbackAddresses addresses, RunnerLog log) : IAsyncDisposable
{
    /// <summary>Where the Service listens, when the API server gave it a ClusterIP that is not a loopback address.</summary>
    public const string AddressAnnotation = "localcluster.pushplatform.io/address";
    private readonly Dictionary<(string Uid, int Port), TcpForwarder> _forwarders = [];
    private readonly Dictionary<string, string> _published = [];

    public async Task PassAsync(CancellationToken cancellation)
    {
        HashSet<(string, int)> wanted = [];
        foreach (JsonObject service in services.Items.Where(service => service.Text("spec", "clusterIP") != "None" && service.At("spec", "selector") is not null))
        {
            string address = await AddressAsync(service, cancellation);
            List<JsonObject> backends = [.. pods.Items.Where(pod => Selects(service, pod) && pod.IsReady()).OrderBy(pod => pod.Name(), StringComparer.Ordinal)];
            foreach (JsonNode? port in service.Items("spec", "ports"))
            {
                (string Uid, int Port) key = (service.Uid(), (int)(port.Number("port") ?? 0));
                wanted.Add(key);
                Listen(key, address)?.Use([.. backends.Select(pod => new IPEndPoint(IPAddress.Parse(pod.Text("status", "podIP")!), TargetPort(port, pod)))]);
            }
            await PublishAsync(service, backends, cancellation);
        }
        foreach ((string, int) key in _forwarders.Keys.Where(key => !wanted.Contains(key)).ToList())
        {
            await _forwarders[key].DisposeAsync();
            _forwarders.Remove(key);
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (TcpForwarder forwarder in _forwarders.Values)
        {
            await forwarder.DisposeAsync();
        }
    }

    private static bool Selects(JsonObject service, JsonObject pod) =>
        pod.Namespace() == service.Namespace() && service.Members("spec", "selector").All(label => pod.Text("metadata", "labels", label.Key) == label.Value.Text());

    private static int TargetPort(JsonNode? port, JsonObject pod)
    {
        if (port.At("targetPort") is not { } target)
        {
            return (int)(port.Number("port") ?? 0);
        }
        return (int)(target.Number() ?? pod.Items("spec", "containers").SelectMany(container => container.Items("ports"))
            .FirstOrDefault(named => named.Text("name") == target.Text()).Number("containerPort") ?? 0);
    }

    private async Task<string> AddressAsync(JsonObject service, CancellationToken cancellation)
    {
        string? given = service.Text("metadata", "annotations", AddressAnnotation)
            ?? (service.Text("spec", "clusterIP") is { } ip && ip.StartsWith("127.", StringComparison.Ordinal) ? ip : null);
        if (given is not null)
        {
            return given;
        }
        string address = addresses.Take();
        JsonObject patch = new() { ["metadata"] = new JsonObject { ["annotations"] = new JsonObject { [AddressAnnotation] = address } } };
        services.Note(await api.MergeAsync(ClusterApi.PathOf(ClusterApi.Services, service.Namespace(), service.Name()), patch, cancellation));
        return address;
    }

    private TcpForwarder? Listen((string Uid, int Port) key, string address)
    {
        if (_forwarders.TryGetValue(key, out TcpForwarder? known))
        {
            return known;
        }
        try
        {
            return _forwarders[key] = new TcpForwarder(new IPEndPoint(IPAddress.Parse(address), key.Port));
        }
        catch (SocketException error)
        {
            log.Write($"service port {address}:{key.Port}: {error.Message}");
            return null;
        }
    }

    private async Task PublishAsync(JsonObject service, IReadOnlyList<JsonObject> backends, CancellationToken cancellation)
    {
        JsonObject endpoints = new()
        {
            ["apiVersion"] = "v1",
            ["kind"] = "Endpoints",
            ["metadata"] = new JsonObject { ["name"] = service.Name(), ["namespace"] = service.Namespace(), ["ownerReferences"] = new JsonArray(ServiceReference(service)) },
            ["subsets"] = backends.Count == 0 ? new JsonArray() : new JsonArray(Subset(service, backends)),
        };
        string text = endpoints.ToJsonString();
        if (_published.GetValueOrDefault(service.Uid()) != text)
        {
            await api.ApplyAsync(ClusterApi.PathOf("api/v1/endpoints", service.Namespace(), service.Name()), endpoints, cancellation);
            _published[service.Uid()] = text;
        }
    }

    private static JsonObject Subset(JsonObject service, IReadOnlyList<JsonObject> backends) => new()
    {
        ["addresses"] = JsonAccess.ArrayOf(backends.Select(pod => (JsonNode)new JsonObject
        {
            ["ip"] = pod.Text("status", "podIP"),
            ["nodeName"] = PodFacts.NodeName,
            ["targetRef"] = new JsonObject { ["kind"] = "Pod", ["namespace"] = pod.Namespace(), ["name"] = pod.Name(), ["uid"] = pod.Uid() },
        })),
        ["ports"] = JsonAccess.ArrayOf(service.Items("spec", "ports").Select(port =>
        {
            JsonObject result = new() { ["port"] = TargetPort(port, backends[0]), ["protocol"] = "TCP" };
            if (port.Text("name") is { } name)
            {
                result["name"] = name;
            }
            return (JsonNode)result;
        })),
    };

    private static JsonObject ServiceReference(JsonObject service) =>
        new() { ["apiVersion"] = "v1", ["kind"] = "Service", ["name"] = service.Name(), ["uid"] = service.Uid() };
}
