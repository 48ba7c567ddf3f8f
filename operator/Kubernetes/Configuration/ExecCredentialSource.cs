using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace PushPlatform.Kubernetes.Configuration;

/// <summary>A program of the user's cloud that hands out credentials (KEP-541).</summary>
internal sealed record ExecPlugin(
    string Command,
    IReadOnlyList<string> Arguments,
    IReadOnlyList<KeyValuePair<string, string>> Environment,
    string ApiVersion,
    string? InstallHint,
    ExecCluster? Cluster);

/// <summary>What a plugin with <c>provideClusterInfo</c> is told about the cluster.</summary>
internal sealed record ExecCluster(
    [property: JsonPropertyName("server")] string Server,
    [property: JsonPropertyName("certificate-authority-data")] byte[]? CertificateAuthorityData,
    [property: JsonPropertyName("insecure-skip-tls-verify")] bool InsecureSkipTlsVerify);

/// <summary>Runs the plugin when a credential is needed, and keeps its answer until a minute before it expires (for ever when it names no expiry) or a 401.</summary>
internal sealed class ExecCredentialSource(ExecPlugin plugin, TimeProvider time) : ICredentialSource, IDisposable
{
    private static readonly TimeSpan EarlyBy = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan LongestRun = TimeSpan.FromSeconds(60);

    private readonly SemaphoreSlim _oneRun = new(1);
    private Credential? _credential;
    private DateTimeOffset? _expires;
    private int _runs;

    public async ValueTask<Credential> GetAsync(bool renew, CancellationToken cancellationToken)
    {
        var runsSeen = Volatile.Read(ref _runs);
        await _oneRun.WaitAsync(cancellationToken);
        try
        {
            // Many calls get their 401 together: the first one renews for all that waited with it.
            var renewedMeanwhile = _runs != runsSeen;
            if (_credential is { } known && (!renew || renewedMeanwhile) && (_expires is not { } expires || time.GetUtcNow() + EarlyBy < expires))
            {
                return known;
            }

            var status = await RunAsync(cancellationToken);
            _expires = status.ExpirationTimestamp;
            _credential = new Credential(
                status.Token,
                status is { ClientCertificateData: { } certificate, ClientKeyData: { } key } ? CertificateReader.FromPem(certificate, key) : null);
            Volatile.Write(ref _runs, _runs + 1);
            return _credential;
        }
        finally
        {
            _oneRun.Release();
        }
    }

    public void Dispose() => _oneRun.Dispose();

    private async Task<ExecCredentialStatus> RunAsync(CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(LongestRun, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        using var process = Start();
        try
        {
            var errors = process.StandardError.ReadToEndAsync(either.Token);
            var output = await process.StandardOutput.ReadToEndAsync(either.Token);
            await process.WaitForExitAsync(either.Token);
            return process.ExitCode == 0 ? Parse(output) : throw Fault($"ended with {process.ExitCode}: {(await errors).Trim()}");
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw Fault($"gave no answer for {LongestRun.TotalSeconds} s");
        }
        finally
        {
            if (!process.HasExited)
            {
                process.Kill(entireProcessTree: true);
            }
        }
    }

    private Process Start()
    {
        var start = new ProcessStartInfo(plugin.Command, plugin.Arguments)
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (name, value) in plugin.Environment)
        {
            start.Environment[name] = value;
        }

        start.Environment["KUBERNETES_EXEC_INFO"] = JsonSerializer.Serialize(
            new ExecCredential(plugin.ApiVersion, "ExecCredential", new ExecCredentialSpec(Interactive: false, plugin.Cluster), Status: null),
            ExecJsonContext.Default.ExecCredential);
        try
        {
            var process = Process.Start(start) ?? throw Fault("did not start");
            process.StandardInput.Close();
            return process;
        }
        catch (System.ComponentModel.Win32Exception exception)
        {
            throw Fault($"could not be started ({exception.Message}). {plugin.InstallHint}");
        }
    }

    private ExecCredentialStatus Parse(string output)
    {
        try
        {
            var answer = JsonSerializer.Deserialize(output, ExecJsonContext.Default.ExecCredential);
            return answer switch
            {
                { ApiVersion: var version } when version != plugin.ApiVersion => throw Fault($"answered in {version}, the kubeconfig asks for {plugin.ApiVersion}"),
                { Status: { } status } when status.Token is not null || status is { ClientCertificateData: not null, ClientKeyData: not null } => status,
                _ => throw Fault("answered with neither a token nor a certificate and key"),
            };
        }
        catch (JsonException exception)
        {
            throw Fault($"answered with what is not an ExecCredential: {exception.Message}");
        }
    }

    private KubeConfigException Fault(string what) => new("the kubeconfig's exec plugin", [$"{plugin.Command} {what}"]);
}

internal sealed record ExecCredential(string ApiVersion, string Kind, ExecCredentialSpec? Spec, ExecCredentialStatus? Status);

internal sealed record ExecCredentialSpec(bool Interactive, ExecCluster? Cluster);

internal sealed record ExecCredentialStatus(DateTimeOffset? ExpirationTimestamp, string? Token, string? ClientCertificateData, string? ClientKeyData);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(ExecCredential))]
internal sealed partial class ExecJsonContext : JsonSerializerContext;
