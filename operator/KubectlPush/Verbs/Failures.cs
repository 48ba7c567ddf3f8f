using System.Net;
using PushPlatform.Kubernetes.Client;
using PushPlatform.Kubernetes.Configuration;

namespace PushPlatform.KubectlPush.Verbs;

/// <summary>What went wrong, in words and as an exit code.</summary>
internal static class Failures
{
    /// <summary>Null: a fault of this program, which is not for the user to put right.</summary>
    public static Refusal? Explain(Exception exception, Uri? host) => exception switch
    {
        Refusal refusal => refusal,
        KubeConfigException fault => new Refusal(fault.Message, "--kubeconfig FILE and --context NAME choose another; KUBECONFIG may name several, separated by ':'.", ExitCodes.Usage),
        KubernetesException answer => Explain(answer),
        HttpRequestException or TimeoutException or IOException => new Refusal(
            $"{host} does not answer: {exception.Message}", "Is the cluster up, and can it be reached from here? kubectl cluster-info asks the same server.", ExitCodes.Unreachable),
        _ => null,
    };

    private static Refusal Explain(KubernetesException answer)
    {
        string message = answer.Status.Message ?? answer.Message;
        return answer.Code switch
        {
            HttpStatusCode.Unauthorized => new Refusal($"The API server does not know you: {message}", "Log in again; kubectl auth whoami shows whether it worked.", ExitCodes.NotFoundOrForbidden),
            HttpStatusCode.Forbidden => new Refusal(
                message, "kubectl auth can-i --list shows what you may do here. The chart's roles for people are described in charts/push-platform/README.md.", ExitCodes.NotFoundOrForbidden),
            HttpStatusCode.NotFound when answer.Status.Details?.Name is null => new Refusal(
                $"This cluster has no such resource: {message}", "Is PushPlatform installed? kubectl get crd pushcampaigns.pushplatform.io", ExitCodes.NotFoundOrForbidden),
            HttpStatusCode.NotFound => new Refusal(message, Other(answer.Status.Details?.Kind), ExitCodes.NotFoundOrForbidden),
            HttpStatusCode.Conflict => new Refusal(message, "Somebody else changed it at the same time: look again, then try again."),
            HttpStatusCode.BadGateway or HttpStatusCode.ServiceUnavailable or HttpStatusCode.GatewayTimeout => new Refusal(message, "It is there and does not serve at the moment: try again.", ExitCodes.Unreachable),
            _ => new Refusal(message),
        };
    }

    /// <summary>Where to look for what was meant, by what is not there.</summary>
    private static string? Other(string? kind) => kind switch
    {
        "pushcampaigns" => "kubectl push status -A lists all campaigns.",
        "pushpools" => "kubectl get ppool -A lists all pools; --pool NAME and -n NAMESPACE choose another.",
        "vehicles" => "--pool NAME and -n NAMESPACE choose another pool.",
        _ => null,
    };
}
