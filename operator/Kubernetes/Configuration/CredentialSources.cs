using System.Security.Cryptography.X509Certificates;

namespace PushPlatform.Kubernetes.Configuration;

internal sealed class FixedCredentialSource(Credential credential) : ICredentialSource
{
    public ValueTask<Credential> GetAsync(bool renew, CancellationToken cancellationToken) => ValueTask.FromResult(credential);
}

/// <summary>
/// A token in a file that somebody else rotates: a service account's lives an hour and the kubelet rewrites it after 80 % of that,
/// so it is read again every minute and after a 401.
/// </summary>
internal sealed class FileTokenSource(string path, X509Certificate2? certificate, TimeProvider time) : ICredentialSource
{
    private static readonly TimeSpan ReadAgainAfter = TimeSpan.FromMinutes(1);

    private sealed record Reading(Credential Credential, long At);

    private volatile Reading? _last;

    public async ValueTask<Credential> GetAsync(bool renew, CancellationToken cancellationToken)
    {
        if (!renew && _last is { } last && time.GetElapsedTime(last.At) < ReadAgainAfter)
        {
            return last.Credential;
        }

        var token = (await File.ReadAllTextAsync(path, cancellationToken)).Trim();
        var credential = new Credential(token.Length == 0 ? null : token, certificate);
        _last = new Reading(credential, time.GetTimestamp());
        return credential;
    }
}
