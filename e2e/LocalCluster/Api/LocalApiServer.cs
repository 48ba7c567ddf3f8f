using System.Net;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using PushPlatform.LocalCluster.Api.Deleting;
using PushPlatform.LocalCluster.Api.Http;
using PushPlatform.LocalCluster.Api.Resources;
using PushPlatform.LocalCluster.Api.Storage;
using PushPlatform.LocalCluster.Api.Writing;

namespace PushPlatform.LocalCluster.Api;

/// <summary>How a <see cref="LocalApiServer"/> is set up; the defaults suit tests.</summary>
public sealed record LocalApiOptions
{
    /// <summary>0: any free port.</summary>
    public int Port { get; init; }

    /// <summary>Changes that watches can go back; older versions answer 410.</summary>
    public int HistoryLimit { get; init; } = 10_000;

    /// <summary>The longest silence of a watch that asked for bookmarks.</summary>
    public TimeSpan BookmarkInterval { get; init; } = TimeSpan.FromSeconds(10);

    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>Who may do what: a request that it does not let pass is answered with 403. Default, everybody may do everything.</summary>
    public Func<HttpRequest, bool>? Allow { get; init; }

    /// <summary>What SubjectAccessReviews are answered: a user's name and what it asks for. Default, everybody may do everything.</summary>
    public Func<string, JsonObject, bool>? MayDo { get; init; }
}

/// <summary>
/// A Kubernetes API in this process, on plain HTTP at 127.0.0.1, with its objects in memory: good enough for kubectl and for our
/// client. What it does not do stands in this folder's README.
/// </summary>
public sealed class LocalApiServer : IAsyncDisposable
{
    private readonly WebApplication _web;
    private readonly PodLogs _logs;
    private readonly CancellationTokenSource _stopping = new();
    private readonly Task _collecting;
    private readonly string _folder = Directory.CreateTempSubdirectory("push-localcluster-").FullName;

    private LocalApiServer(WebApplication web, PodLogs logs, GarbageCollector collector)
    {
        _web = web;
        _logs = logs;
        Url = web.Services.GetRequiredService<IServer>().Features.GetRequiredFeature<IServerAddressesFeature>().Addresses.First();
        KubeconfigPath = Path.Combine(_folder, "kubeconfig");
        _collecting = collector.RunAsync(_stopping.Token);
    }

    /// <summary><c>http://127.0.0.1:port</c></summary>
    public string Url { get; }

    /// <summary>A kubeconfig for this server; gone when the server is disposed.</summary>
    public string KubeconfigPath { get; }

    /// <summary>Starts a server that has the namespaces default and kube-system and no custom resources.</summary>
    public static async Task<LocalApiServer> StartAsync(LocalApiOptions? options = null, CancellationToken cancellation = default)
    {
        options ??= new LocalApiOptions();
        ObjectStore store = new(options.HistoryLimit);
        ResourceRegistry registry = new();
        ObjectWriter writer = new(store, registry, new ServiceAddresses());
        GarbageCollector collector = new(store, registry, options.Time);
        ReadEndpoints reads = new(store, options.Time);
        WriteEndpoints writes = new(writer, reads, options.Time);
        PodLogs logs = new(store, options.Time);
        RequestHandler handler = new(
            store,
            registry,
            reads,
            new WatchEndpoint(store, options.Time, options.BookmarkInterval),
            writes,
            new DeleteEndpoints(store, registry, writer, writes, collector, options.Time),
            logs,
            new Reviews(options.MayDo));
        foreach (string name in (string[])["default", "kube-system"])
        {
            CreateNamespace(writer, registry, name, options.Time);
        }

        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, options.Port));
        builder.Services.AddSingleton<IHostLifetime, NoLifetime>();
        // Watches do not end by themselves when the server stops.
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromMilliseconds(200));
        WebApplication web = builder.Build();
        web.Run(context => options.Allow?.Invoke(context.Request) == false ? RequestHandler.ForbidAsync(context) : handler.HandleAsync(context));
        await web.StartAsync(cancellation);
        LocalApiServer server = new(web, logs, collector);
        await File.WriteAllTextAsync(server.KubeconfigPath, Kubeconfig(server.Url), cancellation);
        return server;
    }

    /// <summary>Tells <c>kubectl logs</c> where the log file of a pod (by its uid) is.</summary>
    public void ServeLogs(Func<string, string?> locate) => _logs.Locate = locate;

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _collecting.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _web.StopAsync();
        await _web.DisposeAsync();
        _stopping.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private static void CreateNamespace(ObjectWriter writer, ResourceRegistry registry, string name, TimeProvider time)
    {
        ResourceKind kind = registry.Find("", "v1", "namespaces")!;
        JsonObject body = new() { ["apiVersion"] = "v1", ["kind"] = "Namespace", ["metadata"] = new JsonObject { ["name"] = name } };
        writer.Create(body, new WriteRequest(kind, "", name, "", "localcluster", "Ignore", DryRun: false, Force: false, ObjectMeta.Timestamp(time.GetUtcNow()), [], Users.Default));
    }

    private static string Kubeconfig(string url) =>
        $$"""
        apiVersion: v1
        kind: Config
        clusters:
        - name: localcluster
          cluster: {server: "{{url}}"}
        users:
        - name: localcluster
          user: {token: localcluster}
        contexts:
        - name: localcluster
          context: {cluster: localcluster, user: localcluster, namespace: default}
        current-context: localcluster

        """;

    // The default one would take SIGTERM and Ctrl+C away from the program around this server.
    private sealed class NoLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
