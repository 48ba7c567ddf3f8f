using System.Globalization;
using Microsoft.Extensions.Logging;

namespace PushPlatform.Kubernetes.Client;

/// <summary>Whether the API server answers, as every request finds out. Logged when that changes, not with each request.</summary>
internal sealed class ApiContact(string server, TimeProvider time, ILogger logger)
{
    private volatile Outage? _outage;

    /// <summary>Null while it answers, whatever it says; otherwise what is wrong, since when, and what to check.</summary>
    public string? Fault => _outage?.Text;

    public void Answered()
    {
        if (_outage is not null && Interlocked.Exchange(ref _outage, null) is { } outage)
        {
            Log.ServerAnswersAgain(logger, server, time.GetUtcNow() - outage.Since);
        }
    }

    public void Failed(string reason)
    {
        if (_outage is not null)
        {
            return;
        }

        var since = time.GetUtcNow();
        var text = string.Create(
            CultureInfo.InvariantCulture,
            $"Kubernetes API at {server} does not answer, since {since:yyyy-MM-ddTHH:mm:ssZ} ({reason}); check that it runs, and that it can be reached from here");
        if (Interlocked.CompareExchange(ref _outage, new Outage(since, text), null) is null)
        {
            Log.ServerSilent(logger, text);
        }
    }

    private sealed record Outage(DateTimeOffset Since, string Text);
}
