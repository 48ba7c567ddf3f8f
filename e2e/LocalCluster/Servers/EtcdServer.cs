using PushPlatform.LocalCluster.Processes;

namespace PushPlatform.LocalCluster.Servers;

/// <summary>One etcd that forgets everything when it is disposed: what a <see cref="KubeApiServer"/> keeps its objects in.</summary>
public sealed class EtcdServer : LocalServer
{
    private readonly string _program;
    private readonly int _peerPort = FreePort.Next();
    private readonly HttpClient _http = new();

    private EtcdServer(string program)
        : base("etcd") => _program = program;

    public string Url { get; } = $"http://127.0.0.1:{FreePort.Next()}";

    /// <param name="program">Path or name of etcd.</param>
    /// <param name="cancellation">Gives up waiting.</param>
    public static Task<EtcdServer> StartAsync(string program, CancellationToken cancellation = default) =>
        StartOrDisposeAsync(new EtcdServer(program), cancellation);

    private protected override ChildProcessSpec Describe() => new(
        _program,
        [
            "--data-dir", Path.Combine(Folder, "data"),
            "--listen-client-urls", Url,
            "--advertise-client-urls", Url,
            "--listen-peer-urls", $"http://127.0.0.1:{_peerPort}",
            // Its data dies with it anyway.
            "--unsafe-no-fsync=true",
        ],
        LogPath);

    private protected override async Task<bool> AnswersAsync(CancellationToken cancellation)
    {
        try
        {
            return (await _http.GetAsync($"{Url}/health", cancellation)).IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    private protected override ValueTask CleanUpAsync()
    {
        _http.Dispose();
        return ValueTask.CompletedTask;
    }
}
