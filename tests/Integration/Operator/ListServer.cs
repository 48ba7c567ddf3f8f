using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace PushPlatform.Tests.Integration.Operator;

/// <summary>A web server on loopback with one list, of which the second half comes when a test lets it.</summary>
internal sealed class ListServer : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly byte[] _list;
    private readonly TaskCompletionSource _rest = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private ListServer(WebApplication app, string list) => (_app, _list) = (app, Encoding.UTF8.GetBytes(list));

    public string Prefix => $"{_app.Urls.Single()}/lists/";

    public string Url => $"{Prefix}recall.txt?key=secret";

    public string Sha256 => Convert.ToHexStringLower(SHA256.HashData(_list));

    public static async Task<ListServer> StartAsync(string list)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        WebApplication app = builder.Build();
        app.Urls.Add("http://127.0.0.1:0");
        ListServer server = new(app, list);
        app.MapGet("/lists/recall.txt", server.AnswerAsync);
        app.MapGet("/lists/moved.txt", () => Results.Redirect("/lists/recall.txt"));
        await app.StartAsync();
        return server;
    }

    /// <summary>From now on everybody gets all of it.</summary>
    public void GiveTheRest() => _rest.TrySetResult();

    public async ValueTask DisposeAsync()
    {
        GiveTheRest();
        await _app.DisposeAsync();
    }

    private async Task AnswerAsync(HttpContext context)
    {
        int half = _list.Length / 2;
        await context.Response.Body.WriteAsync(_list.AsMemory(0, half), context.RequestAborted);
        await context.Response.Body.FlushAsync(context.RequestAborted);
        await _rest.Task.WaitAsync(context.RequestAborted);
        await context.Response.Body.WriteAsync(_list.AsMemory(half), context.RequestAborted);
    }
}
