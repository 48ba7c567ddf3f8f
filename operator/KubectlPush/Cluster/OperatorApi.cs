using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using PushPlatform.KubectlPush.Resources;
using PushPlatform.Kubernetes.Client;
using PushPlatform.Kubernetes.Configuration;

namespace PushPlatform.KubectlPush.Cluster;

/// <summary>
/// The operator, asked for what only the ledger knows. It asks the API server whose token it is shown and what they may see. Where it can be asked stands in the status of the
/// pool, which nobody but an operator writes: a token is shown to nobody else.
/// </summary>
internal sealed class OperatorApi : IDisposable
{
    private const string ServicePrefix = "service:";

    /// <summary>The API server keeps <c>Authorization</c> to itself when it forwards a call.</summary>
    private const string TokenHeader = "X-Push-Authorization";

    private const int TokenSeconds = 600;

    private readonly KubernetesMetrics? _metrics;
    private readonly ApiTransport _transport;
    private readonly string _root;
    private readonly KeyValuePair<string, string>? _header;

    private OperatorApi(ApiTransport transport, string root, KeyValuePair<string, string>? header, KubernetesMetrics? own) =>
        (_transport, _root, _header, _metrics) = (transport, root, header, own);

    /// <param name="api">The API server.</param>
    /// <param name="pool">The pool whose operator is meant.</param>
    /// <param name="serviceAccount">Whose token is shown instead of the user's own: one of the namespace, for which the user may make tokens.</param>
    /// <param name="time">For time-outs.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="Refusal">It cannot be asked; says why.</exception>
    public static async Task<OperatorApi> OfPoolAsync(ClusterApi api, string pool, string? serviceAccount, TimeProvider time, CancellationToken cancellationToken)
    {
        PoolView view = Resource.Read<PoolView>(await api.GetAsync(ClusterApi.PathOf("pushpools", api.Namespace, pool), cancellationToken));
        if (view.Status.InquiryAddress is not { } address)
        {
            throw new Refusal(
                $"The operator of pool {pool} says nowhere in the pool's status where it can be asked.",
                "Turn it on: the chart's value inquiries.enabled, without the chart PUSH_OPERATOR_INQUIRY_PORT; the pool's status follows within seconds.",
                ExitCodes.Unreachable);
        }
        string token = serviceAccount is null ? await OwnTokenAsync(api, cancellationToken) : await TokenOfAsync(api, serviceAccount, cancellationToken);
        if (address.StartsWith(ServicePrefix, StringComparison.Ordinal))
        {
            return new OperatorApi(api.Transport, $"{ProxyPath(address)}/", new(TokenHeader, $"Bearer {token}"), own: null);
        }
        if (!Uri.TryCreate(address, UriKind.Absolute, out Uri? url) || !(url.Scheme == Uri.UriSchemeHttps || (url.Scheme == Uri.UriSchemeHttp && IsOnThisMachine(url))))
        {
            throw new Refusal($"The operator of pool {pool} says that it can be asked at {address}, which would show your token to everybody on the way.", "It has to be a Service, https://, or on this machine.");
        }
        KubernetesMetrics metrics = new();
        KubernetesClientConfiguration direct = new() { Host = url, Credentials = new FixedCredentialSource(new Credential(token)) };
        return new OperatorApi(new ApiTransport(direct, Resource.Json, metrics, time), "", header: null, metrics);
    }

    /// <summary><c>service:namespace/name:port</c> as the API server's proxy names it. Encrypted: the token goes this way.</summary>
    public static string ProxyPath(string address) => address[ServicePrefix.Length..].Split('/', ':') is [var ns, var name, var port]
        ? $"api/v1/namespaces/{Uri.EscapeDataString(ns)}/services/https:{Uri.EscapeDataString(name)}:{Uri.EscapeDataString(port)}/proxy"
        : throw new Refusal($"The pool's status says that its operator can be asked at {address}, which is no address.");

    public static string Campaign(string @namespace, string name, string what, int? revision) =>
        $"v1/namespaces/{Uri.EscapeDataString(@namespace)}/campaigns/{Uri.EscapeDataString(name)}/{what}{(revision is null ? "" : $"?revision={revision}")}";

    public static string Vehicle(string @namespace, string pool, string vid) =>
        $"v1/namespaces/{Uri.EscapeDataString(@namespace)}/pools/{Uri.EscapeDataString(pool)}/vehicles/{Uri.EscapeDataString(vid)}";

    public async Task<JsonElement> GetAsync(string path, CancellationToken cancellationToken)
    {
        await using Stream body = await OpenAsync(path, cancellationToken);
        using JsonDocument answer = await JsonDocument.ParseAsync(body, cancellationToken: cancellationToken);
        return answer.RootElement.Clone();
    }

    /// <summary>An answer that is read as it comes.</summary>
    public async Task<Stream> OpenAsync(string path, CancellationToken cancellationToken)
    {
        try
        {
            HttpResponseMessage response = await _transport.OpenWatchAsync(_root + path, cancellationToken, _header);
            return await response.Content.ReadAsStreamAsync(cancellationToken);
        }
        catch (KubernetesException refused) when (refused.Code is HttpStatusCode.ServiceUnavailable or HttpStatusCode.BadGateway or HttpStatusCode.GatewayTimeout)
        {
            throw Away(refused.Status.Message ?? refused.Message);
        }
        catch (Exception broken) when (broken is HttpRequestException or TimeoutException)
        {
            throw Away(broken.Message);
        }
        catch (KubernetesException refused) when (refused.Code == HttpStatusCode.Unauthorized)
        {
            throw new Refusal($"The operator does not know you: {refused.Status.Message}", "Log in again, or name a service account of the namespace: --service-account NAME.", ExitCodes.NotFoundOrForbidden);
        }
    }

    public void Dispose()
    {
        // The API server's transport is its owner's.
        if (_metrics is { } own)
        {
            _transport.Dispose();
            own.Dispose();
        }
    }

    private static Refusal Away(string why) =>
        new($"The operator cannot be asked: {why}", "Is it running, and Redis with it? kubectl get pods -A -l app.kubernetes.io/component=operator", ExitCodes.Unreachable);

    private static async Task<string> OwnTokenAsync(ClusterApi api, CancellationToken cancellationToken) =>
        api.Credentials is { } source && (await source.GetAsync(renew: false, cancellationToken)).Token is { } token
            ? token
            : throw new Refusal(
                "Your kubeconfig has no token, and a client certificate cannot be shown to the operator.",
                "Name a service account of the namespace whose token you may make, and which may see it (the chart's role …-viewer): --service-account NAME.",
                ExitCodes.Usage);

    private static async Task<string> TokenOfAsync(ClusterApi api, string serviceAccount, CancellationToken cancellationToken)
    {
        string path = $"api/v1/namespaces/{Uri.EscapeDataString(api.Namespace)}/serviceaccounts/{Uri.EscapeDataString(serviceAccount)}/token";
        JsonObject request = new() { ["apiVersion"] = "authentication.k8s.io/v1", ["kind"] = "TokenRequest", ["spec"] = new JsonObject { ["expirationSeconds"] = TokenSeconds } };
        JsonElement answer = await api.CreateAsync(path, request, cancellationToken);
        return answer.TryGetProperty("status", out JsonElement status) && status.TryGetProperty("token", out JsonElement token) && token.GetString() is { } text
            ? text
            : throw new Refusal($"The API server made no token for the service account {serviceAccount}.");
    }

    private static bool IsOnThisMachine(Uri url) => IPAddress.TryParse(url.Host, out IPAddress? host) && IPAddress.IsLoopback(host);
}
