using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using PushPlatform.Delivery;
using PushPlatform.Delivery.Bus;
using PushPlatform.Delivery.Ledger;
using PushPlatform.Delivery.Rabbit;
using PushPlatform.Kubernetes.Configuration;
using PushPlatform.Kubernetes.Controllers;
using PushPlatform.LocalCluster.Api;
using PushPlatform.Operator.Hosting;
using PushPlatform.Tests.Integration.Delivery;
using PushPlatform.Tests.Integration.PushNode.Orders;
using PushPlatform.Tests.Resources;
using Shouldly;

namespace PushPlatform.Tests.Integration.Operator;

/// <summary>A Kubernetes API, a real Redis, a real RabbitMQ, nodes with cars, and as many operators as a test starts and kills.</summary>
internal sealed class OperatorStage : IAsyncDisposable
{
    private readonly LocalApiServer _api;
    private readonly HttpClient _http;
    private readonly RedisFixture _redis;
    private readonly List<IHost> _operators = [];
    private readonly List<OperatorProcess> _processes = [];
    private readonly List<OrdersNode> _nodes = [];
    private readonly List<RabbitOrderBus> _buses = [];
    private readonly IOrderBus? _bus;
    private readonly string _rabbit;

    private OperatorStage(LocalApiServer api, RedisFixture redis, IOrderBus? bus, string rabbit)
    {
        _api = api;
        _redis = redis;
        _bus = bus;
        _rabbit = rabbit;
        _http = new HttpClient { BaseAddress = new Uri(api.Url) };
        Namespace = $"fleet-{Guid.NewGuid():N}";
        Pool = new PoolName(Namespace, "default");
    }

    public string Namespace { get; }

    public PoolName Pool { get; }

    public string KubeconfigPath => _api.KubeconfigPath;

    public RedisFixture Redis => _redis;

    /// <summary>Where the operators that are started from now on may fetch lists of vids.</summary>
    public string ListUrls { get; set; } = "";

    /// <param name="redis">Where ledgers are.</param>
    /// <param name="api">Of the Kubernetes API.</param>
    /// <param name="identityIsProven">False: as on a server that lacks admission policies.</param>
    /// <param name="bus">In place of RabbitMQ, to break it; operators in processes of their own have none then, for it is a hint.</param>
    public static async Task<OperatorStage> StartAsync(RedisFixture redis, LocalApiOptions? api = null, bool identityIsProven = true, IOrderBus? bus = null)
    {
        var stage = new OperatorStage(await LocalApiServer.StartAsync(api), redis, bus, bus is null ? await SharedBroker.UriAsync() : "amqp://127.0.0.1:1");
        await stage.PostAsync("/api/v1/namespaces", new() { ["apiVersion"] = "v1", ["kind"] = "Namespace", ["metadata"] = new JsonObject { ["name"] = stage.Namespace } });
        foreach (string plural in ResourceTable.Plurals)
        {
            await stage.PostAsync("/apis/apiextensions.k8s.io/v1/customresourcedefinitions", ResourceTable.Definition(plural));
        }
        if (identityIsProven)
        {
            await stage.ProveIdentityAsync();
        }
        return stage;
    }

    public async Task<IHost> StartOperatorAsync(LeaderElectionType election = LeaderElectionType.None, TimeProvider? time = null, Action<IServiceCollection>? change = null)
    {
        List<string> faults = [];
        Dictionary<string, string> environment = new()
        {
            [OperatorEnvironment.Redis] = _redis.ConnectionString,
            [OperatorEnvironment.RabbitMq] = _rabbit,
            [OperatorEnvironment.NodeRabbitMq] = OperatorProcess.NodeRabbit,
            [OperatorEnvironment.PodNamespace] = Namespace,
            [OperatorEnvironment.ListUrls] = ListUrls,
        };
        OperatorOptions options = OperatorOptions.Read(environment.GetValueOrDefault, faults).ShouldNotBeNull(string.Join("; ", faults));
        HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Services.AddSingleton(time ?? TimeProvider.System);
        builder.Services.AddOperator(options, settings =>
        {
            settings.LeaderElection = election;
            settings.Client = new KubernetesClientConfiguration { Host = new Uri(_api.Url), Namespace = Namespace };
        });
        if (_bus is not null)
        {
            builder.Services.AddSingleton(_bus);
        }
        change?.Invoke(builder.Services);
        IHost host = builder.Build();
        await host.StartAsync();
        _operators.Add(host);
        return host;
    }

    /// <summary>Stops it in order. What a crash leaves undone is tested step by step elsewhere.</summary>
    public async Task StopOperatorAsync(IHost host)
    {
        _operators.Remove(host);
        await host.StopAsync();
        host.Dispose();
    }

    /// <summary>The operator as it is shipped, in a process of its own that can be killed.</summary>
    public async Task<OperatorProcess> StartOperatorProcessAsync()
    {
        OperatorProcess process = await OperatorProcess.StartAsync(_api.KubeconfigPath, _redis.ConnectionString, _rabbit, Namespace, ListUrls);
        _processes.Add(process);
        return process;
    }

    /// <summary>Who holds the operators' lease; null = nobody.</summary>
    public async Task<string?> LeaderAsync() => (await GetAsync(LeasePath))?["spec"]?["holderIdentity"]?.GetValue<string>();

    /// <summary>Spares a test the wait until a dead holder's lease runs out.</summary>
    public Task DropLeaseAsync() => SendAsync(HttpMethod.Delete, LeasePath, null, "application/json");

    /// <param name="pod">Its name.</param>
    /// <param name="ledger">Wraps the real ledger, to break it at chosen points.</param>
    /// <param name="sessions">What the pool keeps apart.</param>
    public async Task<OrdersNode> AddNodeAsync(string pod, Func<IDeliveryLedger, IDeliveryLedger>? ledger = null, SessionMode sessions = SessionMode.Single)
    {
        if (_bus is null)
        {
            _buses.Add(SharedBroker.NewBus(_rabbit));
        }
        OrdersNode node = await OrdersNode.StartAsync(_redis.ConnectionString, Pool, _bus ?? _buses[^1], pod, ledger, sessions: sessions);
        _nodes.Add(node);
        return node;
    }

    public Task CreatePoolAsync(SessionMode sessions = SessionMode.Single) => PostAsync(PathOf("pushpools"), Resource("PushPool", "default", new JsonObject
    {
        ["replicas"] = 2,
        ["sessions"] = sessions.ToString(),
        ["auth"] = new JsonObject { ["type"] = "None" },
    }));

    public Task CreateCampaignAsync(JsonObject? more = null, string name = "brakes")
    {
        var spec = new JsonObject
        {
            ["patch"] = new JsonObject { ["id"] = "brake-ecu", ["version"] = "4.2.1" },
            ["targets"] = new JsonObject { ["all"] = true },
            ["pace"] = new JsonObject { ["maxPerSecond"] = 1000 },
        };
        foreach ((string key, JsonNode? value) in more ?? [])
        {
            spec[key] = value?.DeepClone();
        }
        return PostAsync(PathOf("pushcampaigns"), Resource("PushCampaign", name, spec));
    }

    /// <summary>Somebody says something about a campaign, by default as its status shows it.</summary>
    /// <returns>The name of the approval.</returns>
    public async Task<string> ApproveAsync(string user, string verb = "Approve", string? hash = null, string? comment = null, string campaign = "brakes", string? pretends = null)
    {
        string name = $"{user}-{Guid.NewGuid():N}";
        JsonObject approval = Resource("PushCampaignApproval", name, new JsonObject
        {
            ["campaignRef"] = new JsonObject { ["name"] = campaign },
            ["verb"] = verb,
            ["specHash"] = hash ?? (await CampaignAsync(campaign))?["status"]?["specHash"]?.GetValue<string>() ?? new string('0', 32),
            ["approvedBy"] = pretends ?? user,
        });
        if (comment is not null)
        {
            approval["spec"]!["comment"] = comment;
        }
        await SendAsync(HttpMethod.Post, PathOf("pushcampaignapprovals"), approval.ToJsonString(), "application/json", user);
        return name;
    }

    /// <summary>Puts <c>crds/admission/approved-by.yaml</c> in force.</summary>
    public async Task ProveIdentityAsync()
    {
        IReadOnlyList<JsonObject> documents = YamlJson.Documents(await File.ReadAllTextAsync(Path.Combine(ResourceTable.Root, "crds", "admission", "approved-by.yaml")));
        await PostAsync("/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicies", documents[0]);
        await PostAsync("/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicybindings", documents[1]);
    }

    public Task<JsonNode?> ApprovalAsync(string name) => GetAsync(PathOf("pushcampaignapprovals", name));

    public Task DeleteApprovalAsync(string name) => SendAsync(HttpMethod.Delete, PathOf("pushcampaignapprovals", name), null, "application/json");

    /// <returns>What became of an approval: <c>True</c> or <c>False</c>, and the reason.</returns>
    public async Task<(string Accepted, string Reason)> VerdictAsync(string name)
    {
        JsonNode? accepted = null;
        await TestPool.UntilAsync(async () => (accepted = (await ApprovalAsync(name))?["status"]?["conditions"]?[0]) is not null, "the approval is judged");
        return (accepted!["status"]!.GetValue<string>(), accepted["reason"]!.GetValue<string>());
    }

    public Task PatchAsync(string patch, string name = "brakes") => SendAsync(HttpMethod.Patch, PathOf("pushcampaigns", name), patch, "application/merge-patch+json");

    public Task PatchPoolAsync(string patch) => SendAsync(HttpMethod.Patch, PathOf("pushpools", "default"), patch, "application/merge-patch+json");

    public Task<JsonNode?> PoolAsync() => GetAsync(PathOf("pushpools", "default"));

    public Task DeleteCampaignAsync(string name = "brakes") => SendAsync(HttpMethod.Delete, PathOf("pushcampaigns", name), null, "application/json");

    public Task CreateConfigMapAsync(string name, string key, string text) => CreateConfigMapAsync(name, (key, text));

    public Task CreateConfigMapAsync(string name, params (string Key, string Text)[] data) => PostAsync($"/api/v1/namespaces/{Namespace}/configmaps", new JsonObject
    {
        ["apiVersion"] = "v1",
        ["kind"] = "ConfigMap",
        ["metadata"] = new JsonObject { ["name"] = name },
        ["data"] = new JsonObject(data.Select(entry => KeyValuePair.Create<string, JsonNode?>(entry.Key, entry.Text))),
    });

    public Task PatchConfigMapAsync(string name, string patch) =>
        SendAsync(HttpMethod.Patch, $"/api/v1/namespaces/{Namespace}/configmaps/{name}", patch, "application/merge-patch+json");

    public Task CreateSecretAsync(string name, params string[] keys) => PostAsync($"/api/v1/namespaces/{Namespace}/secrets", new JsonObject
    {
        ["apiVersion"] = "v1",
        ["kind"] = "Secret",
        ["metadata"] = new JsonObject { ["name"] = name },
        ["data"] = new JsonObject(keys.Select(key => KeyValuePair.Create<string, JsonNode?>(key, Convert.ToBase64String("x"u8)))),
    });

    public Task PatchSecretAsync(string name, string patch) =>
        SendAsync(HttpMethod.Patch, $"/api/v1/namespaces/{Namespace}/secrets/{name}", patch, "application/merge-patch+json");

    /// <summary>Two pods that have not become ready, as a ReplicaSet makes them, and a Deployment that says it has nothing left to do: nobody runs any here.</summary>
    public async Task PretendPodsAsync()
    {
        foreach (string name in (string[])["pod-1", "pod-2"])
        {
            await PostAsync($"/api/v1/namespaces/{Namespace}/pods", new JsonObject
            {
                ["apiVersion"] = "v1",
                ["kind"] = "Pod",
                ["metadata"] = new JsonObject { ["name"] = name, ["labels"] = new JsonObject { ["pushplatform.io/pool"] = "default", ["pushplatform.io/accepting"] = "true" } },
            });
        }
        await SendAsync(
            HttpMethod.Patch, $"/apis/apps/v1/namespaces/{Namespace}/deployments/push-default/status", """{"status":{"observedGeneration":1000,"replicas":2,"updatedReplicas":2}}""", "application/merge-patch+json");
    }

    public async Task<JsonNode?> GetAsync(string path)
    {
        using HttpResponseMessage response = await _http.GetAsync(path);
        return response.StatusCode == HttpStatusCode.NotFound ? null : await response.Content.ReadFromJsonAsync<JsonNode>();
    }

    public Task<JsonNode?> CampaignAsync(string name = "brakes") => GetAsync(PathOf("pushcampaigns", name));

    public async Task UntilPhaseAsync(string phase, string name = "brakes")
    {
        JsonNode? last = null;
        await TestPool.UntilAsync(
            async () => (last = await CampaignAsync(name))?["status"]?["phase"]?.GetValue<string>() == phase,
            $"phase {phase}");
        last.ShouldNotBeNull();
    }

    public async Task UntilConditionAsync(string type, string reason, string name = "brakes") => await TestPool.UntilAsync(
        async () => (await CampaignAsync(name))?["status"]?["conditions"]?.AsArray()
            .Any(condition => condition!["type"]!.GetValue<string>() == type && condition["reason"]!.GetValue<string>() == reason) == true,
        $"condition {type} with reason {reason}");

    public async Task<IReadOnlyList<string>> EventReasonsAsync() =>
        [.. (await GetAsync($"/apis/events.k8s.io/v1/namespaces/{Namespace}/events"))!["items"]!.AsArray()
            .Where(item => item!["regarding"]!["kind"]!.GetValue<string>() == "PushCampaign")
            .Select(item => item!["reason"]!.GetValue<string>())];

    /// <summary>What the events of one reason say.</summary>
    public async Task<IReadOnlyList<string>> EventNotesAsync(string reason) =>
        [.. (await GetAsync($"/apis/events.k8s.io/v1/namespaces/{Namespace}/events"))!["items"]!.AsArray()
            .Where(item => item!["reason"]!.GetValue<string>() == reason)
            .Select(item => $"{item!["type"]!.GetValue<string>()}: {item["note"]!.GetValue<string>()}")];

    public async Task<long> CountAsync(string counter, string name = "brakes") =>
        (await CampaignAsync(name))?["status"]?["counts"]?[counter]?.GetValue<long>() ?? 0;

    /// <summary>Counters and records agree (G2). Waited for: acks may still be on their way to the ledger, which is read shard by shard. A difference that has come about stays.</summary>
    public async Task AuditAsync(int revision = 1, string name = "brakes")
    {
        CampaignKey key = new(Pool, $"{Namespace}/{name}", revision);
        IReadOnlyList<string> differences = [];
        await TestPool.UntilAsync(
            async () => (differences = (await _redis.Store.Control.AuditAsync(key, CancellationToken.None)).Differences).Count == 0,
            () => $"the audit is clean: {string.Join("; ", differences)}");
    }

    public async ValueTask DisposeAsync()
    {
        foreach (IHost host in _operators.ToArray())
        {
            await StopOperatorAsync(host);
        }
        foreach (OperatorProcess process in _processes)
        {
            await process.DisposeAsync();
        }
        foreach (OrdersNode node in _nodes)
        {
            await node.DisposeAsync();
        }
        foreach (RabbitOrderBus bus in _buses)
        {
            await bus.DisposeAsync();
        }
        _http.Dispose();
        await _api.DisposeAsync();
    }

    private string LeasePath => $"/apis/coordination.k8s.io/v1/namespaces/{Namespace}/leases/push-operator-leader";

    private string PathOf(string plural, string? name = null) =>
        $"/apis/pushplatform.io/v1alpha1/namespaces/{Namespace}/{plural}{(name is null ? "" : "/" + name)}";

    private static JsonObject Resource(string kind, string name, JsonObject spec) => new()
    {
        ["apiVersion"] = "pushplatform.io/v1alpha1",
        ["kind"] = kind,
        ["metadata"] = new JsonObject { ["name"] = name },
        ["spec"] = spec,
    };

    private Task PostAsync(string path, JsonObject resource) => SendAsync(HttpMethod.Post, path, resource.ToJsonString(), "application/json");

    private async Task SendAsync(HttpMethod method, string path, string? body, string contentType, string? user = null)
    {
        using var request = new HttpRequestMessage(method, path);
        if (user is not null)
        {
            request.Headers.Add("Impersonate-User", user);
        }
        request.Content = body is null ? null : new StringContent(body, System.Text.Encoding.UTF8, contentType);
        using HttpResponseMessage response = await _http.SendAsync(request);
        response.IsSuccessStatusCode.ShouldBeTrue($"{method} {path}: {(int)response.StatusCode} {await response.Content.ReadAsStringAsync()}");
    }
}
