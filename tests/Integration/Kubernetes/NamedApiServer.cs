using PushPlatform.Kubernetes.Configuration;
using PushPlatform.Kubernetes.Models;
using PushPlatform.LocalCluster.Servers;
using Xunit;

namespace PushPlatform.Tests.Integration.Kubernetes;

/// <summary>
/// The real API server that the environment names, whose word counts: one that is started from <c>KUBE_BIN_DIR</c>, else the one of <c>KUBECONFIG</c>.
/// Where neither is set, whatever asks for it is skipped.
/// </summary>
public sealed class NamedApiServer : ApiServerUnderTest
{
    private const string Missing = "neither KUBE_BIN_DIR (a folder with kube-apiserver) nor KUBECONFIG names a real API server";

    private readonly List<string> _namespaces = [];
    private KubeApiServer? _own;
    private KubernetesClientConfiguration? _configuration;
    private string? _whyNothingIsCollected;

    internal override KubernetesClientConfiguration Configuration
    {
        get
        {
            Assert.SkipWhen(_configuration is null, Missing);
            return _configuration!;
        }
    }

    internal override string? WhyNothingIsCollected => _whyNothingIsCollected;

    public override async ValueTask InitializeAsync()
    {
        if (Environment.GetEnvironmentVariable("KUBE_BIN_DIR") is { Length: > 0 } binaries)
        {
            _own = await KubeApiServer.StartAsync(binaries);
            _configuration = KubeConfigLoader.LoadFiles([_own.KubeconfigPath]);
        }
        else if (Environment.GetEnvironmentVariable("KUBECONFIG") is { Length: > 0 } given)
        {
            _configuration = KubeConfigLoader.LoadFiles(given.Split(Path.PathSeparator));
        }
        else
        {
            return;
        }

        await base.InitializeAsync();
        using var client = NewClient();
        // It is the controller manager that makes this account, and that collects.
        _whyNothingIsCollected = await client.GetAsync<ServiceAccount>("default", "default") is null ? "there is no controller manager beside this API server" : null;
    }

    public override async ValueTask DisposeAsync()
    {
        if (_own is not null)
        {
            await _own.DisposeAsync();
        }
        else if (_configuration is not null)
        {
            using var client = NewClient();
            foreach (string used in _namespaces)
            {
                await client.DeleteAsync<SpecNamespace>(used);
            }

            await client.DeleteAsync<CustomResourceDefinition>("toys.spec.example");
        }
    }

    internal override async Task<string> NewNamespaceAsync()
    {
        string made = await base.NewNamespaceAsync();
        _namespaces.Add(made);
        return made;
    }

    /// <summary>Versions stay in the server's watch cache for as long as they are young, however many there are; they are gone when it is.</summary>
    internal override Task ForgetAsync(Func<int, Task> write)
    {
        Assert.SkipWhen(_own is null, "an API server forgets at once only when it is started again, and this one is not ours");
        return _own!.RestartAsync();
    }
}

/// <summary>One server for all; the specs take turns.</summary>
[CollectionDefinition]
public sealed class NamedApiServerSpecs : ICollectionFixture<NamedApiServer>;

[Collection(typeof(NamedApiServerSpecs))]
public sealed class NamedServerApiSpec(NamedApiServer server) : KubernetesApiSpec(server);

[Collection(typeof(NamedApiServerSpecs))]
public sealed class NamedServerApplySpec(NamedApiServer server) : ApplySpec(server);

[Collection(typeof(NamedApiServerSpecs))]
public sealed class NamedServerWatchSpec(NamedApiServer server) : WatchSpec(server);

[Collection(typeof(NamedApiServerSpecs))]
public sealed class NamedServerOperatorSpec(NamedApiServer server) : OperatorSpec(server);

[KubernetesEntity(ApiVersion = "v1", Kind = "ServiceAccount", PluralName = "serviceaccounts")]
internal sealed class ServiceAccount : KubernetesObject;
