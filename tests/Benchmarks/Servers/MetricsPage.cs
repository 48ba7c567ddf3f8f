using System.Globalization;
using System.Net;

namespace PushPlatform.Benchmarks.Servers;

/// <summary>What a push node or an operator says of itself at its health port.</summary>
internal sealed class MetricsPage(IPEndPoint health) : IDisposable
{
    private static readonly TimeSpan ReadyWithin = TimeSpan.FromSeconds(30);

    private readonly HttpClient _http = new() { BaseAddress = new Uri($"http://{health}") };

    /// <exception cref="TimeoutException">It is not ready in time; the message is what it says.</exception>
    public async Task UntilReadyAsync()
    {
        using CancellationTokenSource patience = new(ReadyWithin);
        string said = "";
        while (!patience.IsCancellationRequested)
        {
            using HttpResponseMessage answer = await _http.GetAsync(new Uri("/readyz", UriKind.Relative));
            if (answer.IsSuccessStatusCode)
            {
                return;
            }

            said = await answer.Content.ReadAsStringAsync();
            await Task.Delay(100);
        }

        throw new TimeoutException($"The node is not ready: {said}");
    }

    /// <summary>The sum over all labels of one metric; 0 where there is none.</summary>
    public async Task<double> SumAsync(string metric)
    {
        string page = await _http.GetStringAsync(new Uri("/metrics", UriKind.Relative));
        return page.Split('\n')
            .Where(line => line.StartsWith(metric, StringComparison.Ordinal) && line.Length > metric.Length && line[metric.Length] is ' ' or '{')
            .Sum(line => double.Parse(line.Split("} ")[^1].Split(' ') is [.., var value] && line.Contains("} ", StringComparison.Ordinal) ? value : line.Split(' ')[1], CultureInfo.InvariantCulture));
    }

    public void Dispose() => _http.Dispose();
}
