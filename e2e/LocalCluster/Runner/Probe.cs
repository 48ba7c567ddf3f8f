using System.Net.Sockets;
using System.Text.Json.Nodes;
using PushPlatform.LocalCluster.Api;

namespace PushPlatform.LocalCluster.Runner;

/// <summary>One probe of a container (httpGet or tcpSocket, against the pod's address) with its thresholds.</summary>
internal sealed class Probe(JsonObject spec, JsonObject container, string address, HttpClient http, TimeProvider time)
{
    private int _successes;
    private int _failures;

    /// <summary>Null until a threshold was reached for the first time.</summary>
    public bool? Verdict { get; private set; }

    /// <summary>Asks again and again, as the probe says, until cancelled; <paramref name="changed"/> after each new verdict.</summary>
    public async Task RunAsync(Action<bool> changed, CancellationToken cancellation)
    {
        await Task.Delay(Seconds("initialDelaySeconds", 0), time, cancellation);
        while (true)
        {
            bool succeeded = await TryAsync(cancellation);
            (_successes, _failures) = succeeded ? (_successes + 1, 0) : (0, _failures + 1);
            bool? verdict = _successes >= (spec.Number("successThreshold") ?? 1) ? true : _failures >= (spec.Number("failureThreshold") ?? 3) ? false : Verdict;
            if (verdict != Verdict)
            {
                Verdict = verdict;
                changed(verdict == true);
            }
            await Task.Delay(Seconds("periodSeconds", 10), time, cancellation);
        }
    }

    private TimeSpan Seconds(string name, int preset) => TimeSpan.FromSeconds(spec.Number(name) ?? preset);

    private async Task<bool> TryAsync(CancellationToken cancellation)
    {
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(Seconds("timeoutSeconds", 1));
        try
        {
            if (spec["httpGet"] is { } get)
            {
                using HttpResponseMessage answer = await http.GetAsync(new Uri($"http://{address}:{Port(get["port"])}{get.Text("path") ?? "/"}"), limit.Token);
                return (int)answer.StatusCode is >= 200 and < 400;
            }
            using Socket socket = new(SocketType.Stream, ProtocolType.Tcp);
            await socket.ConnectAsync(address, Port(spec.At("tcpSocket", "port")), limit.Token);
            return true;
        }
        catch (Exception error) when (error is HttpRequestException or SocketException || (error is OperationCanceledException && !cancellation.IsCancellationRequested))
        {
            return false;
        }
    }

    private int Port(JsonNode? port) => port.Number() is { } number
        ? (int)number
        : (int)(container.Items("ports").FirstOrDefault(named => named.Text("name") == port.Text()).Number("containerPort") ?? 0);
}
