using System.Diagnostics;
using PushPlatform.Kubernetes.Models;

namespace PushPlatform.Kubernetes;

/// <summary>The room's spans: a run of a controller, and the requests that it makes. Nothing is made while nobody listens.</summary>
internal static class KubernetesTracing
{
    public const string SourceName = "PushPlatform.Kubernetes";

    private static readonly ActivitySource Source = new(SourceName);

    public static Activity? Reconcile(string controller, NamespacedName key) => Source.StartActivity("reconcile")?
        .SetTag("controller", controller)
        .SetTag("k8s.namespace.name", key.Namespace)
        .SetTag("k8s.object.name", key.Name);

    /// <summary>Only as part of a run: watches and the lease, which never end, would each be a trace for itself.</summary>
    public static Activity? Request(HttpMethod method, Uri root) => Activity.Current is not null
        ? Source.StartActivity(method.Method, ActivityKind.Client)?.SetTag("http.request.method", method.Method).SetTag("server.address", root.Host).SetTag("server.port", root.Port)
        : null;

    public static void Answered(this Activity? span, int code)
    {
        span?.SetTag("http.response.status_code", code);
        if (code >= 400)
        {
            span?.SetStatus(ActivityStatusCode.Error);
        }
    }

    public static void Failed(this Activity? span, Exception exception) => span?.SetStatus(ActivityStatusCode.Error, exception.Message);
}
