using System.Security.Cryptography.X509Certificates;

namespace PushPlatform.Kubernetes.Configuration;

/// <summary>The API server as a Pod sees it: address from the environment, the rest from the mounted service account.</summary>
public static class InClusterConfiguration
{
    private const string ServiceAccountFolder = "/var/run/secrets/kubernetes.io/serviceaccount";

    /// <param name="folder">Where token, ca.crt and namespace are mounted; default the kubelet's place.</param>
    /// <param name="environment">Looks up environment variables; default this process's.</param>
    /// <param name="time">Decides when the token is read again; default the system's.</param>
    /// <exception cref="KubeConfigException">Not in a Pod, or one without a service account; every missing part is named.</exception>
    public static KubernetesClientConfiguration Load(string folder = ServiceAccountFolder, Func<string, string?>? environment = null, TimeProvider? time = null)
    {
        environment ??= Environment.GetEnvironmentVariable;
        var faults = new List<string>();
        var host = environment("KUBERNETES_SERVICE_HOST");
        var port = environment("KUBERNETES_SERVICE_PORT");
        if (string.IsNullOrEmpty(host) || string.IsNullOrEmpty(port))
        {
            faults.Add("KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT are not set (outside a Pod, set KUBECONFIG)");
        }

        var token = Path.Combine(folder, "token");
        var authority = Path.Combine(folder, "ca.crt");
        faults.AddRange(new[] { token, authority }.Where(static path => !File.Exists(path)).Select(static path => $"there is no file {path}"));
        if (faults.Count > 0)
        {
            throw new KubeConfigException("the Pod's service account", faults);
        }

        var roots = new X509Certificate2Collection();
        roots.ImportFromPemFile(authority);
        var namespaceFile = Path.Combine(folder, "namespace");
        return new KubernetesClientConfiguration
        {
            Host = new Uri($"https://{(host!.Contains(':', StringComparison.Ordinal) ? $"[{host}]" : host)}:{port}"),
            Namespace = File.Exists(namespaceFile) ? File.ReadAllText(namespaceFile).Trim() : "default",
            SslCaCerts = roots,
            Credentials = new FileTokenSource(token, certificate: null, time ?? TimeProvider.System),
        };
    }
}
