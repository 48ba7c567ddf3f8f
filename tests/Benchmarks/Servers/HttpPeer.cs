using System.Net;
using PushPlatform.Benchmarks.Client;
using PushPlatform.Benchmarks.Machine;
using PushPlatform.LocalCluster.Processes;

namespace PushPlatform.Benchmarks.Servers;

/// <summary>Somebody else's server: one program, cars at <c>/ws</c>, and what is to be published goes by POST to <c>/publish</c>.</summary>
internal sealed class HttpPeer : PushServer
{
    public const string Nchan = "nginx + Nchan";
    public const string NodeWs = "Node.js ws";
    public const string AspNet = "ASP.NET Core WebSocket";
    public const string SignalR = "SignalR";

    private static readonly int SignalREnvelope = """{"type":1,"target":"notice","arguments":[""]}""".Length + 1;

    private readonly HttpClient _http = new();
    private readonly Uri _publish;
    private readonly ChildProcess _process;

    private HttpPeer(string name, IPEndPoint endPoint, ChildProcess process)
    {
        (Name, EndPoint, _process) = (name, endPoint, process);
        _publish = new Uri($"http://{endPoint}/publish");
    }

    public override string Name { get; }

    public override Dialect Dialect => Name == SignalR ? Dialect.SignalR : Dialect.Raw;

    public override IPEndPoint EndPoint { get; }

    public override int ProcessId => _process.Id;

    public override int Envelope => Name == SignalR ? SignalREnvelope : 0;

    /// <param name="folder">For its log and configuration.</param>
    /// <param name="pingSeconds">Between its pings; 0: none.</param>
    /// <exception cref="FileNotFoundException">It is not installed.</exception>
    public static async Task<PushServer> StartAsync(string name, string folder, int pingSeconds)
    {
        IPEndPoint endPoint = FreeEndPoint();
        string log = System.IO.Path.Combine(folder, $"{endPoint.Port}.log");
        ChildProcessSpec spec = name switch
        {
            Nchan => await NchanAsync(endPoint, folder, log, pingSeconds),
            NodeWs => new ChildProcessSpec("node", [Script("ws/server.cjs"), $"{endPoint.Port}", WsModules(), $"{pingSeconds}"], log),
            _ => new ChildProcessSpec(
                "dotnet",
                [
                    Build.Assembly("tests/Benchmarks/Peers/AspNet", "PushPlatform.Peers.AspNet"), $"{endPoint.Port}",
                    name == SignalR ? "signalr" : "websocket", $"{pingSeconds}",
                ],
                log),
        };
        return new HttpPeer(name, endPoint, await StartAsync(spec, endPoint));
    }

    public override Task PublishAsync(string text) => PostAsync(_http, _publish, text);

    public override async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await _process.StopAsync(TimeSpan.FromSeconds(2));
        await _process.DisposeAsync();
    }

    private static string Script(string name) => System.IO.Path.Combine(Build.Root, "tests", "Benchmarks", "Peers", name);

    private static string WsModules() => Environment.GetEnvironmentVariable("PUSH_BENCH_WS")
        ?? throw new InvalidOperationException("PUSH_BENCH_WS names no folder with the npm package ws; tests/bench --peers installs it.");

    private static async Task<ChildProcessSpec> NchanAsync(IPEndPoint endPoint, string folder, string log, int pingSeconds)
    {
        string configuration = System.IO.Path.Combine(folder, $"{endPoint.Port}.conf");
        await File.WriteAllTextAsync(configuration, $$"""
            load_module /usr/lib/nginx/modules/ngx_nchan_module.so;
            daemon off;
            pid {{folder}}/{{endPoint.Port}}.pid;
            error_log stderr;
            worker_processes 1;
            worker_rlimit_nofile 20000;
            worker_shutdown_timeout 1s;
            events { worker_connections 19900; }
            http {
                access_log off;
                client_body_temp_path {{folder}}/body;
                proxy_temp_path {{folder}}/proxy;
                fastcgi_temp_path {{folder}}/fastcgi;
                uwsgi_temp_path {{folder}}/uwsgi;
                scgi_temp_path {{folder}}/scgi;
                nchan_shared_memory_size 256M;
                server {
                    listen {{endPoint}} backlog=4096;
                    tcp_nodelay on;
                    location = /ws {
                        nchan_subscriber websocket;
                        nchan_channel_id all;
                        nchan_subscriber_first_message newest;
                        {{(pingSeconds > 0 ? $"nchan_websocket_ping_interval {pingSeconds}s;" : "")}}
                    }
                    location = /publish {
                        nchan_publisher;
                        nchan_channel_id all;
                        nchan_message_buffer_length 1;
                    }
                }
            }
            """);
        // The workers survive their master's SIGKILL: when we die, the master is to end in order and take them along.
        return new ChildProcessSpec("setpriv", ["--pdeathsig", "TERM", "nginx", "-e", "stderr", "-c", configuration], log);
    }
}
