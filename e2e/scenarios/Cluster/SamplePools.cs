using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Nodes;

namespace PushPlatform.Scenarios.Cluster;

/// <summary>The samples of pools, with what their comments ask for beside them, and with what is another in this cluster: images, balancers, and how much a machine can bear.</summary>
internal sealed class SamplePools(ClusterStage there) : IAsyncDisposable
{
    private const string Default = "pool.yaml";
    private const string MachineLabel = "push.example.com/sockets";
    private const string PriorityClass = "cars-first";

    /// <summary>Cars can reach it from outside of the cluster.</summary>
    /// <returns>Where.</returns>
    public async Task<Uri> ApplyDefaultAsync(CancellationToken cancellationToken)
    {
        string pool = await ApplyAsync(Default, cancellationToken);
        await there.Kubectl.RunAsync(cancellationToken, "wait", $"ppool/{pool}", "--for=condition=Ready", "--timeout=3m");
        string port = await there.Kubectl.RunAsync(cancellationToken, "get", "service", $"push-{pool}", "--output", "jsonpath={.spec.ports[0].nodePort}");
        there.Say($"{Default}: ready");
        return new Uri($"ws://{there.Options.Service.Host}:{port}/ws");
    }

    /// <summary>Applies all others, and waits until each is ready.</summary>
    public async Task<IReadOnlyList<string>> FaultsOfOthersAsync(CancellationToken cancellationToken)
    {
        await PrepareAsync(cancellationToken);
        List<(string File, string Pool)> pools = [];
        foreach (string file in SampleFiles.Of("PushPool").Where(file => file != Default))
        {
            pools.Add((file, await ApplyAsync(file, cancellationToken)));
        }
        List<string> faults = [];
        foreach ((string file, string pool) in pools)
        {
            (int code, string said) = await there.Kubectl.TryAsync(null, cancellationToken, "wait", $"ppool/{pool}", "--for=condition=Ready", "--timeout=2m");
            if (code == 0)
            {
                there.Say($"{file}: ready");
            }
            else
            {
                (_, string why) = await there.Kubectl.TryAsync(null, cancellationToken, "get", "ppool", pool, "--output", "jsonpath={.status.conditions}");
                faults.Add($"{file}: {said} {why}");
            }
        }
        return faults;
    }

    /// <summary>What belongs to no namespace.</summary>
    public async ValueTask DisposeAsync()
    {
        await there.Kubectl.TryAsync(null, CancellationToken.None, "delete", "priorityclass", PriorityClass, "--ignore-not-found");
        await there.Kubectl.TryAsync(null, CancellationToken.None, "label", "nodes", "--all", $"{MachineLabel}-");
    }

    private async Task<string> ApplyAsync(string file, CancellationToken cancellationToken)
    {
        // As it stands it is taken; what runs here is a copy that this machine can carry out.
        await there.Kubectl.RunAsync(cancellationToken, "apply", "--dry-run=server", "--filename", SampleFiles.PathOf(file));
        JsonObject sample = SampleFiles.Read(file);
        JsonObject spec = Member(sample, "spec");
        Member(spec, "service")["type"] = "NodePort";
        JsonObject template = Member(spec, "template");
        template.Remove("image");
        template["resources"] = JsonNode.Parse("""{"requests": {"cpu": "10m", "memory": "96Mi"}, "limits": {"memory": "256Mi"}}""");
        spec["drainSeconds"] = 1;
        await there.Kubectl.ApplyAsync(sample.ToJsonString(), cancellationToken);
        return (string)sample["metadata"]!["name"]!;
    }

    private static JsonObject Member(JsonObject of, string name)
    {
        if (of[name] is not JsonObject member)
        {
            of[name] = member = [];
        }
        return member;
    }

    /// <summary>The Secrets that the comments tell to create, and the machines and the priority that pool-pods-and-servers.yaml speaks of.</summary>
    private async Task PrepareAsync(CancellationToken cancellationToken)
    {
        string key = Convert.ToBase64String(RandomNumberGenerator.GetBytes(32)).TrimEnd('=').Replace('+', '-').Replace('/', '_');
        await CreateAsync(cancellationToken, "secret", "generic", "car-keys", $$"""--from-literal=keys.json={"keys": [{"kty": "oct", "kid": "e2e", "alg": "HS256", "k": "{{key}}"}]}""");
        await CreateAsync(cancellationToken, "secret", "docker-registry", "registry", "--docker-server=registry.example.com", "--docker-username=e2e", "--docker-password=e2e");
        await CreateCertificateAsync(cancellationToken);
        await there.Kubectl.TryAsync(null, cancellationToken, "create", "priorityclass", PriorityClass, "--value=1000");
        await there.Kubectl.RunAsync(cancellationToken, "label", "nodes", "--all", "--overwrite", $"{MachineLabel}=true");
    }

    private async Task CreateCertificateAsync(CancellationToken cancellationToken)
    {
        string folder = Directory.CreateTempSubdirectory("push-samples.").FullName;
        try
        {
            using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
            DateTimeOffset now = there.Time.GetUtcNow();
            using X509Certificate2 certificate = new CertificateRequest("CN=push.example.com", key, HashAlgorithmName.SHA256).CreateSelfSigned(now.AddHours(-1), now.AddDays(1));
            string chain = Path.Combine(folder, "chain.pem");
            string secret = Path.Combine(folder, "key.pem");
            await File.WriteAllTextAsync(chain, certificate.ExportCertificatePem(), cancellationToken);
            await File.WriteAllTextAsync(secret, key.ExportPkcs8PrivateKeyPem(), cancellationToken);
            await CreateAsync(cancellationToken, "secret", "tls", "push-example-com", $"--cert={chain}", $"--key={secret}");
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private Task CreateAsync(CancellationToken cancellationToken, params string[] what) => there.Kubectl.RunAsync(cancellationToken, ["create", .. what]);
}
