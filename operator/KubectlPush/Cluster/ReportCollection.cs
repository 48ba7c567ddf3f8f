using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using PushPlatform.KubectlPush.Resources;
using PushPlatform.KubectlPush.Text;
using PushPlatform.KubectlPush.Verbs;
using PushPlatform.Kubernetes.Client;

namespace PushPlatform.KubectlPush.Cluster;

/// <param name="Entries">Files in it.</param>
/// <param name="Missing">What could not be read, and why.</param>
internal sealed record ReportSummary(int Entries, IReadOnlyList<string> Missing);

/// <summary>Puts into a bundle what there is to read, as far as the user may.</summary>
internal sealed class ReportCollection(ClusterApi api, ReportBundle bundle)
{
    private const int LogLines = 5000;
    private const int LogCharacters = 1024 * 1024;

    /// <summary>Of one kind; the newest matter, but lists come in the order of names.</summary>
    private const int MostObjects = 2000;

    private const string Nodes = "pushplatform.io/pool";
    private const string Operators = "app.kubernetes.io/component=operator";

    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    private readonly List<string> _missing = [];

    public async Task<ReportSummary> CollectAsync(CancellationToken cancellationToken)
    {
        string ns = api.Namespace;
        await ObjectAsync("version.json", "version", cancellationToken);
        foreach (string plural in (string[])["pushcampaigns", "pushcampaignapprovals"])
        {
            await ListAsync($"{ns}/{plural}.json", ClusterApi.PathOf(plural, ns), cancellationToken);
        }
        IReadOnlyList<JsonElement> pools = await ListAsync($"{ns}/pushpools.json", ClusterApi.PathOf("pushpools", ns), cancellationToken);
        await NamespaceAsync(ns, Nodes, "push-nodes", cancellationToken);
        foreach (string address in pools.Select(pool => Resource.Read<PoolView>(pool).Status.InquiryAddress).OfType<string>().Distinct())
        {
            await OperatorAsync(address, cancellationToken);
        }
        await ListAsync($"{ns}/events.json", $"apis/events.k8s.io/v1/namespaces/{ns}/events", cancellationToken);
        await bundle.AddAsync("missing.txt", string.Concat(_missing.Select(line => $"{line}\n")), cancellationToken);
        return new ReportSummary(bundle.Entries, _missing);
    }

    /// <summary>An operator that is behind a Service: what it says of itself, its pods and their logs.</summary>
    private async Task OperatorAsync(string address, CancellationToken cancellationToken)
    {
        if (address.Split(':', '/') is not ["service", var ns, var service, _])
        {
            _missing.Add($"what the operator at {address} says of itself: only one behind a Service can be asked");
            return;
        }
        await TextAsync($"{ns}/operator-readyz.txt", $"api/v1/namespaces/{ns}/services/http:{service}:health/proxy/readyz", cancellationToken);
        await NamespaceAsync(ns, Operators, "operators", cancellationToken);
    }

    private async Task NamespaceAsync(string ns, string selector, string what, CancellationToken cancellationToken)
    {
        await ListAsync($"{ns}/{what}-deployments.json", $"apis/apps/v1/namespaces/{ns}/deployments", cancellationToken, selector);
        foreach (JsonElement pod in await ListAsync($"{ns}/{what}-pods.json", $"api/v1/namespaces/{ns}/pods", cancellationToken, selector))
        {
            string name = pod.GetProperty("metadata").GetProperty("name").GetString()!;
            await TextAsync($"{ns}/logs/{name}.log", $"api/v1/namespaces/{ns}/pods/{name}/log?tailLines={LogLines}", cancellationToken);
        }
    }

    private Task ObjectAsync(string name, string path, CancellationToken cancellationToken) => TryAsync(name, async () =>
        await bundle.AddAsync(name, Write(Redaction.Of(await api.GetAsync(path, cancellationToken))), cancellationToken));

    private async Task<IReadOnlyList<JsonElement>> ListAsync(string name, string path, CancellationToken cancellationToken, string? labels = null)
    {
        List<JsonElement> items = [];
        await TryAsync(name, async () =>
        {
            await foreach (JsonElement item in api.ListAsync(path, labels, cancellationToken))
            {
                items.Add(item);
                if (items.Count == MostObjects)
                {
                    _missing.Add($"{name}: more than {MostObjects}");
                    break;
                }
            }
            await bundle.AddAsync(name, Write(new JsonArray([.. items.Select(item => Redaction.Of(item))])), cancellationToken);
        });
        return items;
    }

    /// <summary>The end of a text, cut at its front.</summary>
    private Task TextAsync(string name, string path, CancellationToken cancellationToken) => TryAsync(name, async () =>
    {
        using HttpResponseMessage response = await api.Transport.OpenWatchAsync(path, cancellationToken);
        using StreamReader reader = new(await response.Content.ReadAsStreamAsync(cancellationToken));
        StringBuilder text = new();
        while (await reader.ReadLineAsync(cancellationToken) is { } line)
        {
            text.Append(Redaction.Text(line)).Append('\n');
            if (text.Length > 2 * LogCharacters)
            {
                text.Remove(0, text.Length - LogCharacters);
            }
        }
        await bundle.AddAsync(name, text.ToString(), cancellationToken);
    });

    private async Task TryAsync(string name, Func<Task> collect)
    {
        try
        {
            await collect();
        }
        catch (KubernetesException refused) when (refused.Code != System.Net.HttpStatusCode.Unauthorized)
        {
            _missing.Add($"{name}: {Failures.Explain(refused, api.Host)!.Message}");
        }
    }

    private static string Write(JsonNode? node) => (node?.ToJsonString(Indented) ?? "null") + "\n";
}
