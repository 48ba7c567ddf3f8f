using System.Globalization;
using System.Net.Sockets;
using System.Text;
using PushPlatform.LocalCluster.Processes;

namespace PushPlatform.LocalCluster.Servers;

/// <summary>One <c>nginx</c> with a worker, on 127.0.0.1.</summary>
public sealed class NginxServer : LocalServer
{
    private readonly string _http;

    private NginxServer(Func<int, string> http)
        : base("nginx")
    {
        Port = FreePort.Next();
        _http = http(Port);
    }

    public int Port { get; }

    /// <param name="http">What stands in <c>http { … }</c>, made of the port to listen on; that it listens there, on 127.0.0.1, is part of it.</param>
    public static Task<NginxServer> StartAsync(Func<int, string> http, CancellationToken cancellation = default) =>
        StartOrDisposeAsync(new NginxServer(http), cancellation);

    /// <summary>As <c>nginx -s reload</c>: a new worker takes what comes, the old one lets go of its connections within a second.</summary>
    public void Reload() => Send(Signal.HangUp);

    private protected override Task PrepareAsync() => File.WriteAllTextAsync(Path.Combine(Folder, "nginx.conf"), $$"""
        daemon off;
        pid {{Folder}}/nginx.pid;
        error_log stderr;
        worker_processes 1;
        worker_shutdown_timeout 1s;
        events { worker_connections 1024; }
        http {
            client_body_temp_path {{Folder}}/body;
            proxy_temp_path {{Folder}}/proxy;
            fastcgi_temp_path {{Folder}}/fastcgi;
            uwsgi_temp_path {{Folder}}/uwsgi;
            scgi_temp_path {{Folder}}/scgi;
            {{_http}}
        }
        """);

    // nginx's workers survive its master's SIGKILL: when we die, the master is to end in order and take them along.
    private protected override ChildProcessSpec Describe() =>
        new("setpriv", ["--pdeathsig", "TERM", "nginx", "-e", "stderr", "-c", Path.Combine(Folder, "nginx.conf")], LogPath);

    private protected override async Task<bool> AnswersAsync(CancellationToken cancellation)
    {
        using Socket socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync("127.0.0.1", Port, cancellation);
        await socket.SendAsync("OPTIONS * HTTP/1.0\r\n\r\n"u8.ToArray(), cancellation);
        byte[] answer = new byte[5];
        return await socket.ReceiveAsync(answer, cancellation) == 5 && Encoding.ASCII.GetString(answer) == "HTTP/";
    }

    private protected override IReadOnlyList<int> ProcessesBeside(int pid)
    {
        string children = $"/proc/{pid}/task/{pid}/children";
        return File.Exists(children)
            ? [.. File.ReadAllText(children).Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(child => int.Parse(child, CultureInfo.InvariantCulture))]
            : [];
    }
}
