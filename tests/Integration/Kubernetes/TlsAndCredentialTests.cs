using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Http;
using PushPlatform.Kubernetes.Client;
using PushPlatform.Kubernetes.Configuration;
using PushPlatform.Kubernetes.Models;
using Shouldly;
using Xunit;

namespace PushPlatform.Tests.Integration.Kubernetes;

public sealed class TlsAndCredentialTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("kubeconfig");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task Tls_ClientCertificateFromAKubeconfig_IsShownOverHttp2()
    {
        using var authority = Certificate("CN=authority", issuer: null);
        using var server = Certificate("CN=server", authority);
        using var user = Certificate("CN=somebody", authority);
        await using var api = await ScriptedApiServer.StartAsync(
            async context =>
            {
                var shown = await context.Connection.GetClientCertificateAsync();
                await context.Response.WriteAsync($$$"""{"metadata":{"name":"{{{context.Request.Protocol}}} {{{shown?.Subject}}}"}}""");
            },
            server);
        await File.WriteAllTextAsync(Path.Combine(_folder.FullName, "ca.crt"), authority.ExportCertificatePem());
        await File.WriteAllTextAsync(Path.Combine(_folder.FullName, "user.crt"), user.ExportCertificatePem());
        await File.WriteAllTextAsync(Path.Combine(_folder.FullName, "user.key"), user.GetECDsaPrivateKey()!.ExportPkcs8PrivateKeyPem());
        var configuration = Load(api, "certificate-authority: ca.crt", "{client-certificate: user.crt, client-key: user.key}");
        using var client = new KubernetesClient(configuration);

        (await client.GetAsync<V1Pod>("a", "ns")).ShouldNotBeNull().Name().ShouldBe("HTTP/2 CN=somebody");
    }

    [Fact]
    public async Task Tls_ForeignAuthority_IsRefusedUnlessTheUserSaysSo()
    {
        using var authority = Certificate("CN=authority", issuer: null);
        using var other = Certificate("CN=other", issuer: null);
        using var server = Certificate("CN=server", authority);
        await using var api = await ScriptedApiServer.StartAsync(context => context.Response.WriteAsync("""{"metadata":{"name":"a"}}"""), server);
        await File.WriteAllTextAsync(Path.Combine(_folder.FullName, "ca.crt"), other.ExportCertificatePem());
        using var strict = new KubernetesClient(Load(api, "certificate-authority: ca.crt", "{}"));
        using var lax = new KubernetesClient(Load(api, "insecure-skip-tls-verify: true", "{}"));

        await Should.ThrowAsync<HttpRequestException>(() => strict.GetAsync<V1Pod>("a", "ns"));
        (await lax.GetAsync<V1Pod>("a", "ns")).ShouldNotBeNull();
    }

    [Fact]
    public async Task Exec_TokenIsKeptUntilItIsRefused_AndThePluginIsToldAboutTheCluster()
    {
        await using var api = await ScriptedApiServer.StartAsync(context =>
        {
            context.Response.StatusCode = context.Request.Headers.Authorization == "Bearer token-1" ? 401 : 200;
            return context.Response.WriteAsync("""{"metadata":{"name":"a"}}""");
        });
        WritePlugin("""
            echo run >> runs
            printf '%s' "$KUBERNETES_EXEC_INFO" > info
            printf '{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","status":{"token":"token-%s"}}' "$(wc -l < runs)"
            """);
        using var client = new KubernetesClient(Load(api, "{}", Exec("provideClusterInfo: true, args: ['--flag'], env: [{name: A, value: b}]")));

        await client.GetAsync<V1Pod>("a", "ns");
        await client.GetAsync<V1Pod>("a", "ns");

        api.Requests.Select(request => request.Authorization).ShouldBe(["Bearer token-1", "Bearer token-2", "Bearer token-2"]);
        (await File.ReadAllTextAsync(Path.Combine(_folder.FullName, "info"))).ShouldBe(
            """{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","spec":{"interactive":false,"cluster":{"server":"SERVER","insecure-skip-tls-verify":false}}}"""
                .Replace("SERVER", api.Address.ToString()));
    }

    [Fact]
    public async Task Exec_ExpiredToken_IsAskedForAgain()
    {
        await using var api = await ScriptedApiServer.StartAsync(context => context.Response.WriteAsync("""{"metadata":{"name":"a"}}"""));
        WritePlugin("""
            echo run >> runs
            printf '{"apiVersion":"client.authentication.k8s.io/v1","status":{"token":"token-%s","expirationTimestamp":"2020-01-01T00:00:00Z"}}' "$(wc -l < runs)"
            """);
        using var client = new KubernetesClient(Load(api, "{}", Exec("interactiveMode: Never")));

        await client.GetAsync<V1Pod>("a", "ns");
        await client.GetAsync<V1Pod>("a", "ns");

        api.Requests.Select(request => request.Authorization).ShouldBe(["Bearer token-1", "Bearer token-2"]);
    }

    [Fact]
    public async Task Exec_PluginThatFails_IsQuoted()
    {
        await using var api = await ScriptedApiServer.StartAsync(context => context.Response.WriteAsync("{}"));
        WritePlugin("echo 'log in first' >&2; exit 3");
        using var client = new KubernetesClient(Load(api, "{}", Exec("interactiveMode: Never")));

        var fault = await Should.ThrowAsync<KubeConfigException>(() => client.GetAsync<V1Pod>("a", "ns"));

        fault.Message.ShouldContain("ended with 3: log in first");
    }

    [Fact]
    public async Task TokenFile_RotatedMeanwhile_IsReadAgainWhenTheOldTokenIsRefused()
    {
        var file = Path.Combine(_folder.FullName, "token");
        await File.WriteAllTextAsync(file, "old\n");
        await using var api = await ScriptedApiServer.StartAsync(async context =>
        {
            if (context.Request.Headers.Authorization == "Bearer old")
            {
                await File.WriteAllTextAsync(file, "new\n");
                context.Response.StatusCode = 401;
            }

            await context.Response.WriteAsync("""{"metadata":{"name":"a"}}""");
        });
        using var client = new KubernetesClient(Load(api, "{}", "{tokenFile: token}"));

        (await client.GetAsync<V1Pod>("a", "ns")).ShouldNotBeNull();

        api.Requests.Select(request => request.Authorization).ShouldBe(["Bearer old", "Bearer new"]);
    }

    [Fact]
    public async Task Token_RefusedTwice_IsPassedOn()
    {
        await using var api = await ScriptedApiServer.StartAsync(context => KubernetesClientTests.Refuse(context, 401, "Unauthorized"));
        using var client = new KubernetesClient(Load(api, "{}", "{token: t}"));

        (await Should.ThrowAsync<KubernetesException>(() => client.GetAsync<V1Pod>("a", "ns"))).Code.ShouldBe(HttpStatusCode.Unauthorized);

        api.Requests.Count.ShouldBe(2);
    }

    private static string Exec(string more) => $"{{exec: {{apiVersion: client.authentication.k8s.io/v1, command: ./plugin, {more}}}}}";

    private void WritePlugin(string script)
    {
        var path = Path.Combine(_folder.FullName, "plugin");
        File.WriteAllText(path, $"#!/bin/sh\ncd {_folder.FullName}\n{script}\n");
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
    }

    private KubernetesClientConfiguration Load(ScriptedApiServer api, string cluster, string user)
    {
        var path = Path.Combine(_folder.FullName, "config");
        File.WriteAllText(path, $$$"""
            current-context: here
            contexts: [{name: here, context: {cluster: c, user: u}}]
            clusters:
            - name: c
              cluster: {server: "{{{api.Address}}}", {{{cluster.Trim('{', '}')}}} }
            users: [{name: u, user: {{{user}}} }]
            """);
        return KubeConfigLoader.LoadFiles([path]);
    }

    private static X509Certificate2 Certificate(string subject, X509Certificate2? issuer)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest(subject, key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: issuer is null, false, 0, critical: true));
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        var (from, until) = (DateTimeOffset.UtcNow.AddMinutes(-5), DateTimeOffset.UtcNow.AddHours(1));
        if (issuer is null)
        {
            return request.CreateSelfSigned(from, until);
        }

        using var signed = request.Create(issuer, from, until, RandomNumberGenerator.GetBytes(8));
        using var withKey = signed.CopyWithPrivateKey(key);
        return X509CertificateLoader.LoadPkcs12(withKey.Export(X509ContentType.Pkcs12), password: null, X509KeyStorageFlags.Exportable);
    }
}
