using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace PushPlatform.Kubernetes.Configuration;

/// <summary>Finds the API server: kubeconfig files first, then the Pod that we run in.</summary>
public static class KubeConfigLoader
{
    /// <summary>$KUBECONFIG (several paths allowed), else ~/.kube/config where it exists, else the Pod's service account.</summary>
    /// <exception cref="KubeConfigException">What was found cannot be used; every fault is named.</exception>
    public static KubernetesClientConfiguration LoadDefault(TimeProvider? time = null, string? context = null)
    {
        if (Environment.GetEnvironmentVariable("KUBECONFIG") is { Length: > 0 } variable)
        {
            return LoadFiles(variable.Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries), time, context);
        }

        var home = Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".kube", "config");
        return File.Exists(home) ? LoadFiles([home], time, context) : InClusterConfiguration.Load(time: time);
    }

    /// <summary>The merged content of kubeconfig files. Of several paths, those that do not exist are skipped, as kubectl does; all of them missing is an error.</summary>
    /// <param name="paths">In order of precedence.</param>
    /// <param name="time">For the expiry of credentials; default the system's.</param>
    /// <param name="context">Instead of the current context.</param>
    /// <exception cref="KubeConfigException">Every fault is named.</exception>
    public static KubernetesClientConfiguration LoadFiles(IReadOnlyCollection<string> paths, TimeProvider? time = null, string? context = null)
    {
        var source = $"kubeconfig {string.Join(Path.PathSeparator, paths)}";
        var present = paths.Where(File.Exists).ToList();
        if (present.Count == 0)
        {
            throw new KubeConfigException(source, ["no such file"]);
        }

        var file = new KubeConfigFile();
        var faults = new List<string>();
        foreach (var path in present)
        {
            try
            {
                using var reader = new StreamReader(path);
                file.Add(reader, Path.GetDirectoryName(Path.GetFullPath(path))!);
            }
            catch (Exception exception) when (exception is YamlException or IOException or UnauthorizedAccessException)
            {
                faults.Add($"{path}: {exception.Message}");
            }
        }

        var configuration = faults.Count == 0 ? new Resolution(file, faults, time ?? TimeProvider.System).Resolve(context) : null;
        return faults.Count == 0 && configuration is not null ? configuration : throw new KubeConfigException(source, faults);
    }

    /// <summary>Follows one context to its cluster and user, and collects what is wrong on the way.</summary>
    private sealed class Resolution(KubeConfigFile file, List<string> faults, TimeProvider time)
    {
        public KubernetesClientConfiguration? Resolve(string? wanted)
        {
            if ((wanted ?? file.CurrentContext) is not { } name)
            {
                faults.Add("current-context is not set");
                return null;
            }

            if (file.Context(name) is not { } context)
            {
                faults.Add($"there is no context '{name}' (there are: {string.Join(", ", file.ContextNames)})");
                return null;
            }

            var cluster = Named("cluster", name, context.Text("cluster"), file.Cluster);
            var user = context.Text("user") is { } userName ? Named("user", name, userName, file.User) : null;
            var server = cluster is null ? null : Server(cluster);
            var authorities = cluster is null ? null : Authorities(cluster);
            var credentials = user is null || cluster is null || server is null ? null : Credentials(user, cluster, server);
            return server is null ? null : new KubernetesClientConfiguration
            {
                Host = server,
                Namespace = context.Text("namespace") ?? "default",
                SslCaCerts = authorities,
                SkipTlsVerify = cluster!.Flag("insecure-skip-tls-verify"),
                Credentials = credentials,
            };
        }

        private KubeConfigFile.Entry? Named(string what, string context, string? name, Func<string, KubeConfigFile.Entry?> find)
        {
            var entry = name is null ? null : find(name);
            if (entry is null)
            {
                faults.Add(name is null ? $"context '{context}' names no {what}" : $"context '{context}' names the {what} '{name}', which is not there");
            }

            return entry;
        }

        private Uri? Server(KubeConfigFile.Entry cluster)
        {
            foreach (var unsupported in new[] { "tls-server-name", "proxy-url" }.Where(key => cluster.Text(key) is not null))
            {
                faults.Add($"cluster.{unsupported} is not supported");
            }

            if (Uri.TryCreate(cluster.Text("server"), UriKind.Absolute, out var server) && server.Scheme is "http" or "https")
            {
                return server;
            }

            faults.Add($"cluster.server '{cluster.Text("server")}' is not an http:// or https:// address");
            return null;
        }

        private X509Certificate2Collection? Authorities(KubeConfigFile.Entry cluster)
        {
            if (Bytes(cluster, "certificate-authority") is not { } pem)
            {
                return null;
            }

            var certificates = new X509Certificate2Collection();
            try
            {
                certificates.ImportFromPem(System.Text.Encoding.UTF8.GetString(pem));
            }
            catch (CryptographicException exception)
            {
                faults.Add($"cluster.certificate-authority: {exception.Message}");
            }

            if (certificates.Count == 0)
            {
                faults.Add("cluster.certificate-authority holds no PEM certificate");
            }

            return certificates;
        }

        private ICredentialSource? Credentials(KubeConfigFile.Entry user, KubeConfigFile.Entry cluster, Uri server)
        {
            foreach (var unsupported in new[] { "auth-provider", "username", "as" }.Where(key => user.Text(key) is not null || user.Map(key) is not null))
            {
                faults.Add($"user.{unsupported} is not supported: use a token, a client certificate or exec");
            }

            var certificate = ClientCertificate(user);
            if (user.Map("exec") is { } exec)
            {
                return ExecPlugin(exec, cluster, server);
            }

            if (user.Path("tokenFile") is { } tokenFile)
            {
                if (!File.Exists(tokenFile))
                {
                    faults.Add($"user.tokenFile: there is no file {tokenFile}");
                }

                return new FileTokenSource(tokenFile, certificate, time);
            }

            var token = user.Text("token");
            return token is null && certificate is null ? null : new FixedCredentialSource(new Credential(token, certificate));
        }

        private X509Certificate2? ClientCertificate(KubeConfigFile.Entry user)
        {
            var certificate = Bytes(user, "client-certificate");
            var key = Bytes(user, "client-key");
            if (certificate is null && key is null)
            {
                return null;
            }

            if (certificate is null || key is null)
            {
                faults.Add($"user has a {(key is null ? "client-certificate without client-key" : "client-key without client-certificate")}");
                return null;
            }

            try
            {
                return CertificateReader.FromPem(System.Text.Encoding.UTF8.GetString(certificate), System.Text.Encoding.UTF8.GetString(key));
            }
            catch (Exception exception) when (exception is CryptographicException or ArgumentException)
            {
                faults.Add($"user.client-certificate and client-key: {exception.Message}");
                return null;
            }
        }

        private ExecCredentialSource? ExecPlugin(KubeConfigFile.Entry exec, KubeConfigFile.Entry cluster, Uri server)
        {
            var version = exec.Text("apiVersion") ?? "";
            if (version is not ("client.authentication.k8s.io/v1" or "client.authentication.k8s.io/v1beta1"))
            {
                faults.Add($"user.exec.apiVersion '{version}' is neither client.authentication.k8s.io/v1 nor v1beta1");
            }

            if (exec.Text("interactiveMode") == "Always")
            {
                faults.Add("user.exec.interactiveMode is Always, and nobody sits here to answer");
            }

            if (exec.Text("command") is not { } command)
            {
                faults.Add("user.exec.command is not set");
                return null;
            }

            // As kubectl: a command with a slash is relative to the file, one without is looked up in PATH.
            var program = command.Contains('/', StringComparison.Ordinal) ? Path.GetFullPath(command, exec.Folder) : command;
            var environment = exec.List("env").OfType<YamlMappingNode>()
                .Select(node => new KubeConfigFile.Entry(node, exec.Folder))
                .Where(static entry => entry.Text("name") is not null)
                .Select(static entry => KeyValuePair.Create(entry.Text("name")!, entry.Text("value") ?? ""));
            var authority = exec.Flag("provideClusterInfo") ? Bytes(cluster, "certificate-authority") : null;
            return new ExecCredentialSource(
                new ExecPlugin(
                    program,
                    [.. exec.List("args").OfType<YamlScalarNode>().Select(static node => node.Value ?? "")],
                    [.. environment],
                    version,
                    exec.Text("installHint"),
                    exec.Flag("provideClusterInfo") ? new ExecCluster(server.ToString(), authority, cluster.Flag("insecure-skip-tls-verify")) : null),
                time);
        }

        /// <summary>The inline <c>…-data</c> (base64), which wins, or the content of the file.</summary>
        private byte[]? Bytes(KubeConfigFile.Entry entry, string key)
        {
            try
            {
                return entry.Text($"{key}-data") is { } data ? Convert.FromBase64String(data)
                    : entry.Path(key) is { } path ? File.ReadAllBytes(path)
                    : null;
            }
            catch (FormatException)
            {
                faults.Add($"{key}-data is not base64");
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                faults.Add($"{key}: {exception.Message}");
            }

            return null;
        }
    }
}
