using System.Collections.Concurrent;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace PushPlatform.Tests.Integration.Telemetry;

/// <summary>As much of a collector as a test needs: takes OTLP over HTTP in protobuf and keeps the bodies.</summary>
internal sealed class OtlpReceiver : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly ConcurrentQueue<(string Signal, string Body)> _received = [];

    private OtlpReceiver(WebApplication app) => _app = app;

    public string Url => _app.Urls.Single();

    public static async Task<OtlpReceiver> StartAsync()
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        WebApplication app = builder.Build();
        app.Urls.Add("http://127.0.0.1:0");
        OtlpReceiver receiver = new(app);
        app.MapPost("/v1/{signal}", receiver.TakeAsync);
        await app.StartAsync();
        return receiver;
    }

    /// <summary>Whether one request about this signal holds all of these: names stand in protobuf as they are, ids as bytes.</summary>
    public bool Has(string signal, params string[] parts) =>
        _received.Any(request => request.Signal == signal && Array.TrueForAll(parts, part => request.Body.Contains(part, StringComparison.Ordinal)));

    /// <summary>Bytes as they are found in a body.</summary>
    public static string Bytes(string hex) => Encoding.Latin1.GetString(Convert.FromHexString(hex));

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private async Task<IResult> TakeAsync(string signal, HttpRequest request)
    {
        using MemoryStream body = new();
        await request.Body.CopyToAsync(body);
        _received.Enqueue((signal, Encoding.Latin1.GetString(body.ToArray())));
        return Results.Bytes([], "application/x-protobuf");
    }
}
