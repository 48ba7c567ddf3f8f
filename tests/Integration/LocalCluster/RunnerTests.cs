using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using PushPlatform.LocalCluster.Api;
using PushPlatform.LocalCluster.Processes;
using PushPlatform.LocalCluster.Runner;
using Shouldly;
using Xunit;

namespace PushPlatform.Tests.Integration.LocalCluster;

/// <summary>Deployments as processes; the "image" is a shell, or a real redis-server where something must answer.</summary>
public sealed class RunnerTests : ApiFixture
{
    private const string Deployments = "/apis/apps/v1/namespaces/default/deployments";
    private const string Pods = "/api/v1/namespaces/default/pods";
    private ProcessRunner _runner = null!;

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        Dictionary<string, ImageProgram> images = new()
        {
            ["shell:1"] = new ImageProgram("sh", ["-c"]),
            ["shell:2"] = new ImageProgram("sh", ["-c"]),
            ["redis:1"] = new ImageProgram("redis-server", []),
        };
        _runner = await ProcessRunner.StartAsync(new ProcessRunnerOptions { KubeconfigPath = Server.KubeconfigPath, Images = images }, Token);
        Server.ServeLogs(_runner.LogPath);
    }

    public override async ValueTask DisposeAsync()
    {
        await _runner.DisposeAsync();
        await base.DisposeAsync();
    }

    [Fact]
    public async Task Deployment_Created_RunsItsPodsAndReportsThem()
    {
        await DeployAsync(Shell("exec sleep 1000", replicas: 2));

        JsonObject deployment = await UntilAsync(Deployments + "/web", value => value.Number("status", "readyReplicas") == 2);

        deployment.Number("status", "observedGeneration").ShouldBe(1);
        deployment.Items("status", "conditions").Any(condition => condition.Text("type") == "Available" && condition.Text("status") == "True").ShouldBeTrue();
        JsonNode?[] pods = [.. (await GetAsync(Pods)).Items("items")];
        pods.Length.ShouldBe(2);
        pods.Select(pod => pod.Text("status", "podIP")).Distinct().Count().ShouldBe(2);
    }

    [Fact]
    public async Task Container_LearnsWhoItIs_FromEnvironmentAndVolumes()
    {
        await SendAsync(HttpMethod.Post, "/api/v1/namespaces/default/secrets", "{apiVersion: v1, kind: Secret, metadata: {name: s}, stringData: {key: hush}}", HttpStatusCode.Created);
        await DeployAsync(Shell(
            "echo \"$NAME|$IP|$KEY|$(cat $FOLDER/key)|$0\"; exec sleep 1000",
            container: """
                env:
                - {name: NAME, valueFrom: {fieldRef: {fieldPath: metadata.name}}}
                - {name: IP, valueFrom: {fieldRef: {fieldPath: status.podIP}}}
                - {name: KEY, valueFrom: {secretKeyRef: {name: s, key: key}}}
                - {name: FOLDER, value: /etc/keys}
                volumeMounts: [{name: v, mountPath: /etc/keys}]
                """,
            pod: "volumes: [{name: v, secret: {secretName: s}}]",
            arguments: "$(NAME)"));
        await UntilAsync(Deployments + "/web", value => value.Number("status", "readyReplicas") == 1);
        JsonNode pod = (await GetAsync(Pods)).Items("items").Single()!;
        string name = pod.Text("metadata", "name")!;

        string log = await UntilLoggedAsync(name);

        log.Trim().ShouldBe($"{name}|{pod.Text("status", "podIP")}|hush|hush|{name}");
    }

    [Theory]
    [InlineData("../../stray", "must not contain '..'")]
    [InlineData("keys/../../stray", "must not contain '..'")]
    [InlineData("..stray", "must not start with '..'")]
    [InlineData("/stray", "must be a relative path")]
    public async Task VolumeFile_OutsideItsVolume_IsRefused(string path, string fault)
    {
        await SendAsync(HttpMethod.Post, "/api/v1/namespaces/default/configmaps", "{apiVersion: v1, kind: ConfigMap, metadata: {name: m}, data: {key: value}}", HttpStatusCode.Created);
        await DeployAsync(Shell("exec sleep 1000", pod: $"volumes: [{{name: v, configMap: {{name: m, items: [{{key: key, path: '{path}'}}]}}}}]"));

        JsonObject pods = await UntilAsync(Pods, list => list.Items("items").Any(pod => Container(pod).Text("state", "waiting", "reason") == "CreateContainerError"));

        Container(pods.Items("items").Single()).Text("state", "waiting", "message").ShouldBe($"items[].path: Invalid value: \"{path}\": {fault}");
    }

    [Fact]
    public async Task Process_KilledFromOutside_IsStartedAgainInTheSamePod()
    {
        await DeployAsync(Shell("echo $$$$; exec sleep 1000"));
        await UntilAsync(Deployments + "/web", value => value.Number("status", "readyReplicas") == 1);
        string name = (await GetAsync(Pods)).Items("items").Single().Text("metadata", "name")!;

        Signals.Send(int.Parse(await UntilLoggedAsync(name)), Signal.Kill);

        JsonObject pod = await UntilAsync($"{Pods}/{name}", value => Container(value).Number("restartCount") == 1 && Container(value).Flag("ready"));
        Container(pod).Number("lastState", "terminated", "exitCode").ShouldBe(137);
    }

    [Fact]
    public async Task Pod_Deleted_IsAskedToEndAndReplaced()
    {
        await DeployAsync(Shell("trap 'echo bye; exit 0' TERM; echo up; while :; do sleep 0.05; done"));
        await UntilAsync(Deployments + "/web", value => value.Number("status", "readyReplicas") == 1);
        JsonNode pod = (await GetAsync(Pods)).Items("items").Single()!;
        string name = pod.Text("metadata", "name")!;
        await UntilLoggedAsync(name);
        string log = _runner.LogPath(pod.Text("metadata", "uid")!)!;

        await SendAsync(HttpMethod.Delete, $"{Pods}/{name}", null, HttpStatusCode.OK);

        await UntilGoneAsync($"{Pods}/{name}");
        (await File.ReadAllTextAsync(log, Token)).ShouldEndWith("bye\n");
        await UntilAsync(Deployments + "/web", value => value.Number("status", "readyReplicas") == 1);
    }

    [Fact]
    public async Task Image_Changed_RollsToNewPodsAndUnknownOnesSayWhy()
    {
        await DeployAsync(Shell("exec sleep 1000", replicas: 2));
        await UntilAsync(Deployments + "/web", value => value.Number("status", "readyReplicas") == 2);

        await PatchImageAsync("shell:2");
        await UntilAsync(Deployments + "/web", value => value.Number("status", "observedGeneration") == 2 && value.Number("status", "updatedReplicas") == 2
            && value.Number("status", "replicas") == 2 && value.Number("status", "availableReplicas") == 2);
        await PatchImageAsync("unknown:1");

        JsonObject pods = await UntilAsync(Pods, list => list.Items("items").Any(pod => Container(pod).Text("state", "waiting", "reason") == "ErrImagePull"));
        pods.Items("items").Count(pod => Container(pod).Flag("ready")).ShouldBe(2);
    }

    [Fact]
    public async Task Service_Forwards_ToReadyPodsAndItsConnectionsDieWithThem()
    {
        await SendAsync(HttpMethod.Post, "/api/v1/namespaces/default/services", "{apiVersion: v1, kind: Service, metadata: {name: db}, spec: {selector: {app: web}, ports: [{port: 6379, targetPort: redis}]}}", HttpStatusCode.Created);
        await DeployAsync(Deployment("redis:1", 2, """
            args: [--bind, $(POD_IP), --port, "7000", --save, "", --appendonly, "no"]
            ports: [{name: redis, containerPort: 7000}]
            readinessProbe: {tcpSocket: {port: redis}, periodSeconds: 1}
            """, "terminationGracePeriodSeconds: 1"));
        await UntilAsync(Deployments + "/web", value => value.Number("status", "readyReplicas") == 2);
        await UntilAsync("/api/v1/namespaces/default/endpoints/db", value => value.Items("subsets").SelectMany(subset => subset.Items("addresses")).Count() == 2);
        string address = (await GetAsync("/api/v1/namespaces/default/services/db")).Text("spec", "clusterIP")!;

        using TcpClient first = await ConnectAsync(address);
        using TcpClient second = await ConnectAsync(address);
        string[] ids = [await RunIdAsync(first), await RunIdAsync(second)];
        ids.Distinct().Count().ShouldBe(2);

        foreach (JsonNode? pod in (await GetAsync(Pods)).Items("items").ToList())
        {
            await SendAsync(HttpMethod.Delete, $"{Pods}/{pod.Text("metadata", "name")}?gracePeriodSeconds=0", null, HttpStatusCode.OK);
        }
        (await EndsAsync(first)).ShouldBeTrue();
        (await EndsAsync(second)).ShouldBeTrue();
    }

    private static JsonNode? Container(JsonNode? pod) => pod.Items("status", "containerStatuses").FirstOrDefault();

    private static string Shell(string script, int replicas = 1, string container = "", string pod = "", string arguments = "shell") =>
        Deployment("shell:1", replicas, $"args: [{JsonValue.Create(script)!.ToJsonString()}, {arguments}]\n{container}", "terminationGracePeriodSeconds: 10\n" + pod);

    private static string Deployment(string image, int replicas, string container, string pod) => $$$"""
        apiVersion: apps/v1
        kind: Deployment
        metadata: {name: web}
        spec:
          replicas: {{{replicas}}}
          selector: {matchLabels: {app: web}}
          template:
            metadata: {labels: {app: web}}
            spec:
              {{{Indent(pod, 6)}}}
              containers:
              - name: c
                image: {{{image}}}
                {{{Indent(container, 8)}}}
        """;

    private static string Indent(string text, int by) => text.Trim().Replace("\n", "\n" + new string(' ', by));

    private Task<JsonObject> DeployAsync(string yaml) => SendAsync(HttpMethod.Post, Deployments, yaml, HttpStatusCode.Created);

    private Task<JsonObject> PatchImageAsync(string image) => SendAsync(
        HttpMethod.Patch, Deployments + "/web", $"{{spec: {{template: {{spec: {{containers: [{{name: c, image: '{image}'}}]}}}}}}}}", HttpStatusCode.OK, "application/strategic-merge-patch+json");

    private async Task<JsonObject> UntilAsync(string path, Func<JsonObject, bool> condition)
    {
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(Token);
        limit.CancelAfter(TimeSpan.FromSeconds(60));
        while (true)
        {
            using HttpResponseMessage response = await Http.GetAsync(path, limit.Token);
            JsonObject value = (JsonObject)JsonNode.Parse(await response.Content.ReadAsStringAsync(limit.Token))!;
            if (response.IsSuccessStatusCode && condition(value))
            {
                return value;
            }
            await Task.Delay(50, limit.Token);
        }
    }

    private async Task UntilGoneAsync(string path)
    {
        while ((await Http.GetAsync(path, Token)).StatusCode != HttpStatusCode.NotFound)
        {
            await Task.Delay(50, Token);
        }
    }

    private async Task<string> UntilLoggedAsync(string pod)
    {
        while (true)
        {
            using HttpResponseMessage response = await Http.GetAsync($"{Pods}/{pod}/log", Token);
            string log = await response.Content.ReadAsStringAsync(Token);
            if (response.IsSuccessStatusCode && log.EndsWith('\n'))
            {
                return log;
            }
            await Task.Delay(50, Token);
        }
    }

    private static async Task<TcpClient> ConnectAsync(string address)
    {
        TcpClient client = new();
        await client.ConnectAsync(address, 6379, Token);
        return client;
    }

    private static async Task<string> RunIdAsync(TcpClient client)
    {
        await client.GetStream().WriteAsync("INFO server\r\n"u8.ToArray(), Token);
        byte[] buffer = new byte[65_536];
        string answer = "";
        while (!answer.Contains("run_id:", StringComparison.Ordinal) || !answer.EndsWith("\r\n", StringComparison.Ordinal))
        {
            answer += System.Text.Encoding.ASCII.GetString(buffer, 0, await client.GetStream().ReadAsync(buffer, Token));
        }
        return answer.Split('\n').Single(line => line.StartsWith("run_id:", StringComparison.Ordinal));
    }

    private static async Task<bool> EndsAsync(TcpClient client)
    {
        try
        {
            return await client.GetStream().ReadAsync(new byte[1], Token).AsTask().WaitAsync(TimeSpan.FromSeconds(30)) == 0;
        }
        catch (IOException)
        {
            return true;
        }
    }
}
