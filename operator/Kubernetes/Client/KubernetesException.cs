using System.Net;
using PushPlatform.Kubernetes.Models;

namespace PushPlatform.Kubernetes.Client;

/// <summary>The API server refused, and said why.</summary>
public sealed class KubernetesException : Exception
{
    public KubernetesException(V1Status status, HttpStatusCode code, TimeSpan? retryAfter = null, string? request = null)
        : base($"{(request is null ? "" : request + ": ")}{status.Message ?? status.Reason ?? "no message"} ({(int)code} {status.Reason ?? code.ToString()})")
    {
        Status = status;
        Code = code;
        RetryAfter = retryAfter;
    }

    public V1Status Status { get; }

    public HttpStatusCode Code { get; }

    /// <summary>The server's word for why, for example <c>NotFound</c>, <c>AlreadyExists</c>, <c>Conflict</c>, <c>Invalid</c>, <c>Expired</c>.</summary>
    public string Reason => Status.Reason ?? Code.ToString();

    /// <summary>When the server asked not to be asked before.</summary>
    public TimeSpan? RetryAfter { get; }

    /// <summary>The object moved since it was read, a precondition failed, or it exists already.</summary>
    public bool IsConflict => Code == HttpStatusCode.Conflict;

    public bool IsNotFound => Code == HttpStatusCode.NotFound;

    /// <summary>The resource version or the continue token is too old: list again.</summary>
    public bool IsExpired => Code == HttpStatusCode.Gone;

    /// <summary>The object was refused as it stands: to send it again is no use.</summary>
    public bool IsInvalid => Code is HttpStatusCode.UnprocessableEntity or HttpStatusCode.BadRequest;
}
