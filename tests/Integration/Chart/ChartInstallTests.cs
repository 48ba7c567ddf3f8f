using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;
using PushPlatform.LocalCluster.Api;
using Shouldly;
using Xunit;

namespace PushPlatform.Tests.Integration.Chart;

/// <summary>Installing, upgrading and uninstalling, by the real helm on an API server: what must still be there afterwards is there.</summary>
public sealed class ChartInstallTests : IAsyncLifetime
{
    private const string Pools = "/apis/pushplatform.io/v1alpha1/namespaces/fleet/pushpools";

    private static readonly string[] Release = [Helm.Release, Helm.Chart, "--namespace", Helm.Namespace];

    private LocalApiServer _api = null!;
    private HttpClient _http = null!;

    public async ValueTask InitializeAsync()
    {
        _api = await LocalApiServer.StartAsync(cancellation: TestContext.Current.CancellationToken);
        _http = new HttpClient { BaseAddress = new Uri(_api.Url) };
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await _api.DisposeAsync();
    }

    [Fact]
    public async Task FirstInstallation_MakesDefinitionsAndPool_AndUpgradesChangeThatPool()
    {
        await InstallAsync();
        string uid = await PoolAsync("metadata", "uid");
        (await PoolAsync("spec", "replicas")).ShouldBe("4");

        await ChangeAsync("upgrade", "--set", "pool.spec.replicas=5");
        await ChangeAsync("upgrade", "--set", "pool.spec.replicas=6");

        (await PoolAsync("spec", "replicas")).ShouldBe("6");
        (await PoolAsync("metadata", "uid")).ShouldBe(uid);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Uninstall_LeavesDefinitionsPoolAndCampaigns_AndTheNextInstallationTakesThemOver(bool upgradedBefore)
    {
        await InstallAsync();
        if (upgradedBefore)
        {
            await ChangeAsync("upgrade");
        }
        string uid = await PoolAsync("metadata", "uid");

        await HelmAsync("uninstall", Helm.Release, "--namespace", Helm.Namespace);
        (await PoolAsync("metadata", "uid")).ShouldBe(uid);
        (await StatusOfAsync($"/apis/apps/v1/namespaces/{Helm.Namespace}/deployments/push-platform-operator")).ShouldBe(404);

        await InstallAsync();
        (await PoolAsync("metadata", "uid")).ShouldBe(uid);
    }

    /// <summary>An HPA, KEDA or a person writes the scale subresource: values that say nothing of replicas leave it alone.</summary>
    [Fact]
    public async Task Upgrade_OfAPoolThatIsScaledBySomebodyElse_LeavesItsReplicas()
    {
        string[] unsized = ["--values", Helm.PathOf("operator-alone-values.yaml"), "--set", "crds.keep=true,pool.enabled=true,pool.spec.auth.type=None"];
        await HelmAsync(["install", .. Release, .. unsized, "--create-namespace"]);
        using HttpContent patch = new StringContent("""{"spec":{"replicas":7}}""", new System.Net.Http.Headers.MediaTypeHeaderValue("application/merge-patch+json"));
        (await _http.PatchAsync($"{Pools}/default/scale?fieldManager=hpa", patch, TestContext.Current.CancellationToken)).EnsureSuccessStatusCode();

        await HelmAsync(["upgrade", .. Release, .. unsized, "--set", "pool.spec.drainSeconds=90"]);

        (await PoolAsync("spec", "drainSeconds")).ShouldBe("90");
        (await PoolAsync("spec", "replicas")).ShouldBe("7");
    }

    [Fact]
    public async Task PasswordOfTheBundledServers_IsMadeUpOnce_AndKept()
    {
        string first = await PasswordAsync();
        first.Length.ShouldBe(32);
        (await PasswordAsync()).ShouldNotBe(first, "there is no release yet");

        using HttpContent home = JsonContent.Create(new JsonObject { ["metadata"] = new JsonObject { ["name"] = Helm.Namespace } });
        (await _http.PostAsync("/api/v1/namespaces", home, TestContext.Current.CancellationToken)).EnsureSuccessStatusCode();
        using HttpContent secret = JsonContent.Create(new JsonObject
        {
            ["metadata"] = JsonNode.Parse("""
                {"name":"push-platform-servers","labels":{"app.kubernetes.io/managed-by":"Helm"},"annotations":{"meta.helm.sh/release-name":"push-platform","meta.helm.sh/release-namespace":"fleet"}}
                """),
            ["data"] = new JsonObject { ["password"] = Convert.ToBase64String(Encoding.UTF8.GetBytes(first)) },
        });
        (await _http.PostAsync($"/api/v1/namespaces/{Helm.Namespace}/secrets", secret, TestContext.Current.CancellationToken)).EnsureSuccessStatusCode();
        (await PasswordAsync()).ShouldBe(first);
    }

    /// <summary>The nodes, which stay, have read it.</summary>
    [Fact]
    public async Task Uninstall_LeavesThePasswordOfTheBundledServers_ToTheNextInstallation()
    {
        string[] trial = [.. Release, "--values", Helm.PathOf("trial-values.yaml")];
        await HelmAsync(["install", .. trial, "--create-namespace"]);
        string made = await KeptPasswordAsync();

        await HelmAsync("uninstall", Helm.Release, "--namespace", Helm.Namespace);
        (await KeptPasswordAsync()).ShouldBe(made);
        await HelmAsync(["install", .. trial]);

        (await KeptPasswordAsync()).ShouldBe(made);
    }

    [Fact]
    public async Task CrdsThatAreNotKept_GoWithTheRelease()
    {
        await InstallAsync("--set", "crds.keep=false", "--set", "pool.enabled=false");
        await HelmAsync("uninstall", Helm.Release, "--namespace", Helm.Namespace);
        (await StatusOfAsync(Pools)).ShouldBe(404);
    }

    private Task InstallAsync(params string[] more) => ChangeAsync("install", ["--create-namespace", .. more]);

    private Task ChangeAsync(string verb, params string[] more) =>
        HelmAsync([verb, .. Release, "--values", Helm.PathOf("external-values.yaml"), .. more]);

    // As an upgrade renders it, which may look at the cluster.
    private async Task<string> PasswordAsync()
    {
        IReadOnlyList<JsonObject> objects = await Helm.RenderAsync(["--values", Helm.PathOf("trial-values.yaml"), "--dry-run=server"], _api.KubeconfigPath);
        JsonNode data = objects.Single(item => (string?)item["kind"] == "Secret")["stringData"]!;
        ((string?)data["redis"]).ShouldBe($"push-platform-redis.fleet.svc:6379,password={data["password"]}");
        return (string)data["password"]!;
    }

    private async Task<string> KeptPasswordAsync() =>
        (string)JsonNode.Parse(await _http.GetStringAsync($"/api/v1/namespaces/{Helm.Namespace}/secrets/push-platform-servers", TestContext.Current.CancellationToken))!["data"]!["password"]!;

    private async Task HelmAsync(params string[] arguments)
    {
        (int code, string output) = await Helm.RunAsync(arguments, _api.KubeconfigPath);
        code.ShouldBe(0, output);
    }

    private async Task<string> PoolAsync(string part, string field) =>
        JsonNode.Parse(await _http.GetStringAsync($"{Pools}/default", TestContext.Current.CancellationToken))![part]![field]!.ToString();

    private async Task<int> StatusOfAsync(string path)
    {
        using HttpResponseMessage answer = await _http.GetAsync(path, TestContext.Current.CancellationToken);
        return (int)answer.StatusCode;
    }
}
