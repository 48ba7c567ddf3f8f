using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using PushPlatform.LocalCluster.Processes;

namespace PushPlatform.LocalCluster.Servers;

/// <summary>
/// A real kube-apiserver with an etcd of its own, and nothing else of Kubernetes: no controllers, no scheduler, no kubelet. For those parts
/// there is the process runner.
/// </summary>
public sealed class KubeApiServer : LocalServer
{
    private readonly string _binaries;
    private readonly string _token = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16));
    private EtcdServer? _etcd;
    private HttpClient? _http;

    private KubeApiServer(string binaries)
        : base("kube-apiserver") => _binaries = binaries;

    public string Url { get; } = $"https://127.0.0.1:{FreePort.Next()}";

    /// <summary>For an administrator; gone when the server is disposed.</summary>
    public string KubeconfigPath => Path.Combine(Folder, "kubeconfig");

    private protected override TimeSpan StartTimeout => TimeSpan.FromSeconds(90);

    // It waits for its watches to end, a minute and more.
    private protected override TimeSpan StopTimeout => TimeSpan.FromSeconds(5);

    /// <param name="binaries">A folder with kube-apiserver, and etcd unless that is in PATH.</param>
    /// <param name="cancellation">Gives up waiting.</param>
    /// <exception cref="FileNotFoundException">One of them is missing.</exception>
    public static Task<KubeApiServer> StartAsync(string binaries, CancellationToken cancellation = default) =>
        StartOrDisposeAsync(new KubeApiServer(binaries), cancellation);

    private protected override async Task PrepareAsync()
    {
        string own = Path.Combine(_binaries, "etcd");
        _etcd ??= await EtcdServer.StartAsync(File.Exists(own) ? own : "etcd");
        if (_http is null)
        {
            WriteFiles();
            _http = ClientThatTrusts(X509CertificateLoader.LoadCertificateFromFile(InFolder("server.crt")));
        }
    }

    private protected override ChildProcessSpec Describe() => new(
        Path.Combine(_binaries, "kube-apiserver"),
        [
            $"--etcd-servers={_etcd!.Url}",
            "--bind-address=127.0.0.1",
            "--advertise-address=127.0.0.1",
            $"--secure-port={new Uri(Url).Port}",
            $"--cert-dir={Folder}",
            $"--tls-cert-file={InFolder("server.crt")}",
            $"--tls-private-key-file={InFolder("server.key")}",
            $"--token-auth-file={InFolder("tokens.csv")}",
            "--authorization-mode=RBAC",
            $"--service-account-key-file={InFolder("accounts.key")}",
            $"--service-account-signing-key-file={InFolder("accounts.key")}",
            "--service-account-issuer=https://kubernetes.default.svc",
            "--service-cluster-ip-range=10.96.0.0/16",
            // A loopback address is no endpoint that the API would take.
            "--endpoint-reconciler-type=none",
            // There is no controller that would make the account that it asks for.
            "--disable-admission-plugins=ServiceAccount",
        ],
        LogPath);

    private protected override async Task<bool> AnswersAsync(CancellationToken cancellation)
    {
        try
        {
            // The default namespace is made a moment after the server calls itself ready.
            return (await _http!.GetAsync($"{Url}/readyz", cancellation)).IsSuccessStatusCode
                && (await _http.GetAsync($"{Url}/api/v1/namespaces/default", cancellation)).IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    private protected override async ValueTask CleanUpAsync()
    {
        _http?.Dispose();
        if (_etcd is not null)
        {
            await _etcd.DisposeAsync();
        }
    }

    private void WriteFiles()
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        CertificateRequest request = new("CN=kube-apiserver", key, HashAlgorithmName.SHA256);
        SubjectAlternativeNameBuilder names = new();
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, hasPathLengthConstraint: false, 0, critical: true));
        DateTimeOffset now = TimeProvider.System.GetUtcNow();
        using X509Certificate2 certificate = request.CreateSelfSigned(now.AddHours(-1), now.AddDays(7));
        using RSA accounts = RSA.Create(2048);

        File.WriteAllText(InFolder("server.crt"), certificate.ExportCertificatePem());
        File.WriteAllText(InFolder("server.key"), key.ExportECPrivateKeyPem());
        File.WriteAllText(InFolder("accounts.key"), accounts.ExportRSAPrivateKeyPem());
        File.WriteAllText(InFolder("tokens.csv"), $"{_token},admin,admin,system:masters\n");
        File.WriteAllText(KubeconfigPath, $$"""
            apiVersion: v1
            kind: Config
            current-context: local
            contexts:
            - name: local
              context: { cluster: local, user: admin }
            clusters:
            - name: local
              cluster: { server: '{{Url}}', certificate-authority: '{{InFolder("server.crt")}}' }
            users:
            - name: admin
              user: { token: '{{_token}}' }

            """);
    }

    private HttpClient ClientThatTrusts(X509Certificate2 root)
    {
        X509ChainPolicy policy = new() { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        policy.CustomTrustStore.Add(root);
        HttpClient http = new(new SocketsHttpHandler { SslOptions = { CertificateChainPolicy = policy } });
        http.DefaultRequestHeaders.Authorization = new("Bearer", _token);
        return http;
    }

    private string InFolder(string name) => Path.Combine(Folder, name);
}
