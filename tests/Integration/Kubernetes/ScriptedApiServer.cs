using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.Logging;
using PushPlatform.Kubernetes.Configuration;

namespace PushPlatform.Tests.Integration.Kubernetes;

/// <summary>An API server that says just what a test tells it to, over a real socket.</summary>
internal sealed class ScriptedApiServer : IAsyncDisposable
{
    /// <summary>An object nested deeper than any type of ours, as a schema that preserves unknown fields lets anybody store.</summary>
    public static readonly string Deep = string.Concat(Enumerable.Repeat("{\"d\":", 200)) + "0" + new string('}', 200);

    private readonly WebApplication _app;

    private ScriptedApiServer(WebApplication app) => _app = app;

    public ConcurrentQueue<(string Method, string PathAndQuery, string? Authorization, string Body)> Requests { get; } = [];

    public Uri Address => new(_app.Urls.Single());

    public KubernetesClientConfiguration Configuration => new() { Host = Address };

    /// <param name="answer">What it says to each request; the body has been read already.</param>
    /// <param name="certificate">TLS with this certificate, and the client is asked for one.</param>
    public static async Task<ScriptedApiServer> StartAsync(Func<HttpContext, Task> answer, X509Certificate2? certificate = null)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen =>
        {
            listen.Protocols = certificate is null ? HttpProtocols.Http1 : HttpProtocols.Http1AndHttp2;
            if (certificate is not null)
            {
                listen.UseHttps(new HttpsConnectionAdapterOptions
                {
                    ServerCertificate = certificate,
                    ClientCertificateMode = ClientCertificateMode.AllowCertificate,
                    ClientCertificateValidation = static (_, _, _) => true,
                });
            }
        }));
        var app = builder.Build();
        var server = new ScriptedApiServer(app);
        app.Run(async context =>
        {
            using var reader = new StreamReader(context.Request.Body);
            var body = await reader.ReadToEndAsync();
            server.Requests.Enqueue((context.Request.Method, context.Request.Path + context.Request.QueryString.Value, context.Request.Headers.Authorization, body));
            context.Response.ContentType = "application/json";
            await answer(context);
        });
        await app.StartAsync();
        return server;
    }

    public async ValueTask DisposeAsync()
    {
        using var impatient = new CancellationTokenSource(TimeSpan.FromSeconds(1));
        await _app.StopAsync(impatient.Token);
        await _app.DisposeAsync();
    }
}
