using System.Text.Json.Nodes;
using PushPlatform.Kubernetes.Models;
using PushPlatform.Operator.Api;
using PushPlatform.Operator.Hosting;
using PushPlatform.Operator.Pools;
using Shouldly;
using Xunit;

namespace PushPlatform.Tests.Integration.Chart;

/// <summary>What must hold for everything that the chart makes, whatever the values.</summary>
public sealed class ChartRulesTests
{
    private static readonly string[] ClusterWide = ["ClusterRole", "ClusterRoleBinding", "CustomResourceDefinition"];

    public static TheoryData<string> ValueFiles => Helm.ValueFiles;

    [Theory]
    [MemberData(nameof(ValueFiles))]
    public async Task Pods_AreFitForRestrictedNamespaces_AndOnlyWhoNeedsTheApiHasAToken(string values)
    {
        foreach ((string name, JsonObject pod) in Pods(await Helm.RenderAsync(values)))
        {
            ((bool?)pod["automountServiceAccountToken"]).ShouldBe(name.EndsWith("-operator", StringComparison.Ordinal) || name.EndsWith("-dry-campaign", StringComparison.Ordinal), name);
            JsonNode security = pod["securityContext"]!;
            ((bool?)security["runAsNonRoot"]).ShouldBe(true, name);
            ((long)security["runAsUser"]!).ShouldBeGreaterThan(0, name);
            ((string?)security["seccompProfile"]!["type"]).ShouldBe("RuntimeDefault", name);
            foreach (JsonNode? container in pod["containers"]!.AsArray().Concat(pod["initContainers"]?.AsArray() ?? []))
            {
                JsonNode own = container!["securityContext"]!;
                ((bool?)own["allowPrivilegeEscalation"]).ShouldBe(false, name);
                ((bool?)own["readOnlyRootFilesystem"]).ShouldBe(true, name);
                own["capabilities"]!.ToJsonString().ShouldBe("""{"drop":["ALL"]}""", name);
            }
        }
    }

    [Theory]
    [MemberData(nameof(ValueFiles))]
    public async Task Password_StandsInASecretAlone(string values)
    {
        foreach (JsonObject item in await Helm.RenderAsync(values))
        {
            item.ToJsonString().Contains(Helm.Password, StringComparison.Ordinal).ShouldBe((string?)item["kind"] == "Secret", $"{item["kind"]} {item["metadata"]!["name"]}");
        }
    }

    /// <summary>The operator reads the environment that the chart gives it without a fault, and has nothing to say against handing it on to nodes.</summary>
    [Theory]
    [MemberData(nameof(ValueFiles))]
    public async Task OperatorsEnvironment_IsOneThatItTakes(string values)
    {
        IReadOnlyList<JsonObject> objects = await Helm.RenderAsync(values);
        Dictionary<string, string> environment = Pods(objects).Single(pod => pod.Name.EndsWith("-operator", StringComparison.Ordinal)).Pod["containers"]![0]!["env"]!.AsArray()
            .ToDictionary(variable => (string)variable!["name"]!, variable => Value(variable!, objects));
        List<string> faults = [];

        OperatorOptions options = OperatorOptions.Read(environment.GetValueOrDefault, faults).ShouldNotBeNull(string.Join("; ", faults));

        PoolManifests.AddressFault(new PushPool { Spec = new PushPoolSpec { Auth = new() { Type = AuthType.None } } }, options.Nodes).ShouldBeNull();
        options.Namespace.ShouldBe(values.StartsWith("namespaced", StringComparison.Ordinal) ? Helm.Namespace : null);
        string[] known = [.. typeof(OperatorEnvironment).GetFields().Select(field => (string)field.GetRawConstantValue()!)];
        environment.Keys.Where(name => name.StartsWith("PUSH_OPERATOR_", StringComparison.Ordinal)).ShouldBeSubsetOf(known);
    }

    [Theory]
    [MemberData(nameof(ValueFiles))]
    public async Task Selectors_FindThePodsThatTheyMean(string values)
    {
        IReadOnlyList<JsonObject> objects = await Helm.RenderAsync(values);
        foreach (JsonObject item in objects)
        {
            JsonNode? selector = (string?)item["kind"] switch
            {
                "Service" => item["spec"]!["selector"],
                "Deployment" or "StatefulSet" or "PodDisruptionBudget" => item["spec"]!["selector"]!["matchLabels"],
                "NetworkPolicy" => item["spec"]!["podSelector"]!["matchLabels"],
                _ => null,
            };
            // Of a pool's nodes, which the operator makes: see Names_OfWhatTheOperatorMakes.
            if (selector is JsonObject labels && !labels.ContainsKey(PoolManifests.PoolLabel))
            {
                string[] found = [.. Templates(objects).Where(workload => labels.All(label => (string?)workload.Labels[label.Key] == (string?)label.Value)).Select(workload => workload.Name)];
                // Named after whom it is for; a second Service of the same pods says what it is for behind that.
                ((string)item["metadata"]!["name"]!).ShouldStartWith(found.ShouldHaveSingleItem($"{item["kind"]} {item["metadata"]!["name"]}"));
            }
        }
    }

    [Fact]
    public async Task OneNamespace_IsAllThatANamespacedReleaseTouches() =>
        (await Helm.RenderAsync("namespaced-values.yaml")).Where(item => ClusterWide.Contains((string?)item["kind"]) || (string?)item["metadata"]!["namespace"] != Helm.Namespace).ShouldBeEmpty();

    [Fact]
    public async Task Names_OfWhatTheOperatorMakes_AreTheOnesThatItGives()
    {
        IReadOnlyList<JsonObject> objects = await Helm.RenderAsync("production-values.yaml");
        PushPool pool = new() { Metadata = new V1ObjectMeta { Name = "fleet-eu", NamespaceProperty = Helm.Namespace, Uid = "1" }, Spec = new PushPoolSpec { Auth = new() { Type = AuthType.None } } };
        V1Service service = PoolManifests.Service(pool);
        Dictionary<string, string> labels = PoolManifests.Deployment(pool, new InstallationDefaults("image", ServerAddress.Plain("redis"), ServerAddress.Plain("amqp://mq")), new ScaleDecision { Replicas = 1, Serving = 1 }).Spec!.Template!.Metadata!.Labels!;

        JsonNode backend = objects.Single(item => (string?)item["kind"] == "Ingress")["spec"]!["rules"]![0]!["http"]!["paths"]![0]!["backend"]!["service"]!;
        ((string?)backend["name"], (long?)backend["port"]!["number"]).ShouldBe((service.Metadata.Name, service.Spec!.Ports![0].Port));
        JsonNode monitored = objects.Single(item => (string?)item["kind"] == "PodMonitor")["spec"]!;
        labels.ShouldContainKey((string)monitored["selector"]!["matchExpressions"]![0]!["key"]!);
        IReadOnlyList<JsonObject> isolated = await Helm.RenderAsync("namespaced-values.yaml");
        JsonNode peers = isolated.Single(item => (string?)item["kind"] == "NetworkPolicy" && item["metadata"]!["name"]!.ToString().EndsWith("-redis", StringComparison.Ordinal))["spec"]!["ingress"]![0]!["from"]!;
        peers[1]!["podSelector"]!["matchLabels"]!.AsObject().ShouldAllBe(label => labels[label.Key] == (string)label.Value!);
        JsonNode upstream = objects.Single(item => (string?)item["kind"] == "Service" && item["metadata"]!["name"]!.ToString().EndsWith("-nginx-upstream", StringComparison.Ordinal))["spec"]!;
        upstream["selector"]!.AsObject().ToDictionary(label => label.Key, label => (string)label.Value!).ShouldBe(service.Spec.Selector!, ignoreOrder: true);
        ((string?)upstream["ports"]![0]!["targetPort"]).ShouldBe(service.Spec.Ports[0].TargetPort!.ToString());
    }

    [Theory]
    [InlineData("production-values.yaml", "operator", "registry.example.com/push-platform/operator:0.1.0@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef")]
    [InlineData("trial-values.yaml", "operator", "push-platform/operator:0.1.0")]
    public async Task Image_IsPinnedByItsDigestWhereThereIsOne(string values, string container, string image) =>
        Pods(await Helm.RenderAsync(values)).SelectMany(pod => pod.Pod["containers"]!.AsArray()).Where(one => (string?)one!["name"] == container).Select(one => (string?)one!["image"]).ShouldBe([image]);

    [Fact]
    public async Task ChangedConfiguration_MakesThosePodsAnewThatReadIt_AndNoOther()
    {
        IReadOnlyList<JsonObject> before = await Helm.RenderAsync("trial-values.yaml");
        (await RestartedAsync(before, "bundledPassword=another1")).ShouldBe(["push-platform-operator", "push-platform-rabbitmq", "push-platform-redis"]);
        (await RestartedAsync(before, "pool.spec.heartbeat.intervalSeconds=20")).ShouldBe(["push-platform-nginx"]);
        (await RestartedAsync(before, "pool.spec.replicas=9")).ShouldBeEmpty();
    }

    [Fact]
    public async Task Nginx_BearsSilenceForThreeIntervals()
    {
        IReadOnlyList<JsonObject> objects = await Helm.RenderAsync("production-values.yaml", "--set", "pool.spec.heartbeat.intervalSeconds=20");
        objects.Single(item => (string?)item["kind"] == "ConfigMap" && item["data"]!["push-location.conf"] is not null)["data"]!["push-location.conf"]!.ToString()
            .ShouldContain("proxy_read_timeout 60s;\n    proxy_send_timeout 60s;");
        JsonNode annotations = objects.Single(item => (string?)item["kind"] == "Ingress")["metadata"]!["annotations"]!;
        ((string?)annotations["nginx.ingress.kubernetes.io/proxy-read-timeout"], (string?)annotations["nginx.org/proxy-send-timeout"]).ShouldBe(("60", "60s"));
    }

    [Theory]
    [InlineData(null, "post-install")]
    [InlineData("pushplatform.io/v1alpha1/PushPool", null)]
    public async Task Pool_IsAHookOnlyWhereItsKindIsNotKnownYet(string? known, string? hook)
    {
        JsonNode pool = (await Helm.RenderAsync("trial-values.yaml", known is null ? [] : ["--api-versions", known])).Single(item => (string?)item["kind"] == "PushPool");
        ((string?)pool["metadata"]!["annotations"]!["helm.sh/hook"]).ShouldBe(hook);
        ((string?)pool["metadata"]!["annotations"]!["helm.sh/resource-policy"]).ShouldBe("keep");
    }

    [Theory]
    [InlineData("redis.address=redis:6379\\,password=secret", "redis.address holds a password")]
    [InlineData("rabbitmq.address=amqp://push:secret@mq", "rabbitmq.address holds a password")]
    [InlineData("redis.address=redis:6379,redis.secret.name=servers", "redis: give one of")]
    [InlineData("nginx.enabled=true,pool.enabled=false", "pool.enabled has to be true")]
    [InlineData("x=1", "pool.spec.auth.type: say how")]
    public async Task Faults_AreAllNamedAtOnce_AndRepeatNoPassword(string set, string fault)
    {
        (int code, string output) = await Helm.RunAsync(["template", Helm.Release, Helm.Chart, "--skip-schema-validation", "--set", set]);
        code.ShouldBe(1);
        output.ShouldContain(fault);
        output.ShouldNotContain("secret@");
        (output.Contains("rabbitmq: give one of", StringComparison.Ordinal) || set.StartsWith("rabbitmq", StringComparison.Ordinal)).ShouldBeTrue(output);
    }

    [Theory]
    [InlineData("pool.spec.replcas=3", "replcas")]
    [InlineData("operator.image.digest=sha256:12", "digest")]
    [InlineData("watchNamespace=a", "watchNamespace")]
    public async Task Value_ThatDoesNotExistOrIsWrong_IsRefused(string set, string named)
    {
        (int code, string output) = await Helm.RunAsync(["template", Helm.Release, Helm.Chart, "--values", Helm.PathOf("trial-values.yaml"), "--set", set]);
        code.ShouldBe(1);
        output.ShouldContain(named);
    }

    private static async Task<IReadOnlyList<string>> RestartedAsync(IReadOnlyList<JsonObject> before, string set)
    {
        Dictionary<string, string> old = Workloads(before).ToDictionary(item => (string)item["metadata"]!["name"]!, item => item["spec"]!["template"]!.ToJsonString());
        return [.. Workloads(await Helm.RenderAsync("trial-values.yaml", "--set", set)).Where(item => item["spec"]!["template"]!.ToJsonString() != old[(string)item["metadata"]!["name"]!])
            .Select(item => (string)item["metadata"]!["name"]!).Order()];
    }

    private static IEnumerable<JsonObject> Workloads(IReadOnlyList<JsonObject> objects) => objects.Where(item => (string?)item["kind"] is "Deployment" or "StatefulSet");

    private static IEnumerable<(string Name, JsonObject Labels)> Templates(IReadOnlyList<JsonObject> objects) =>
        Workloads(objects).Select(item => ((string)item["metadata"]!["name"]!, (JsonObject)item["spec"]!["template"]!["metadata"]!["labels"]!));

    private static IEnumerable<(string Name, JsonObject Pod)> Pods(IReadOnlyList<JsonObject> objects) =>
        Workloads(objects).Select(item => ((string)item["metadata"]!["name"]!, (JsonObject)item["spec"]!["template"]!["spec"]!))
            .Concat(objects.Where(item => (string?)item["kind"] == "Pod").Select(item => ((string)item["metadata"]!["name"]!, (JsonObject)item["spec"]!)));

    // What the kubelet would put in: of a Secret of the chart's what is in it, of other people's something with a password.
    private static string Value(JsonNode variable, IReadOnlyList<JsonObject> objects)
    {
        if (variable["valueFrom"]?["secretKeyRef"] is not { } reference)
        {
            return (string?)variable["value"] ?? Helm.Namespace;
        }
        JsonObject? secret = objects.FirstOrDefault(item => (string?)item["kind"] == "Secret" && (string?)item["metadata"]!["name"] == (string?)reference["name"]);
        string other = ((string)variable["name"]!).EndsWith("REDIS", StringComparison.Ordinal) ? "redis:6379,password=x" : "amqp://push:x@mq";
        return (string?)secret?["stringData"]![(string)reference["key"]!] ?? other;
    }
}
