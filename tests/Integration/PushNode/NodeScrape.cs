using System.Globalization;
using System.Net;

namespace PushPlatform.Tests.Integration.PushNode;

/// <summary>What a node's <c>/metrics</c> says, as a scraper sees it.</summary>
internal sealed class NodeScrape(IPEndPoint health)
{
    private static readonly HttpClient Http = new();

    /// <param name="series">Name and tags as written; 0 while it has not been counted.</param>
    public async Task<long> ReadAsync(string series)
    {
        string text = await TextAsync();
        string? line = text.Split('\n').FirstOrDefault(line => line.StartsWith(series + " ", StringComparison.Ordinal));
        return line is null ? 0 : long.Parse(line[(series.Length + 1)..], CultureInfo.InvariantCulture);
    }

    public Task<string> TextAsync() => Http.GetStringAsync(new Uri($"http://{health}/metrics"));
}
