using System.Collections.Concurrent;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using PushPlatform.LocalCluster.Processes;
using PushPlatform.Scenarios.Stages;
using PushPlatform.Tests.Integration.PushNode;

namespace PushPlatform.Tests.Integration.JavaScript;

/// <summary>A headless Chromium that shows car.html, which uses push-client.js and says by itself what happens to it.</summary>
internal sealed class Browser : IAsyncDisposable
{
    private readonly WebApplication _site;
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("browser");
    private TaskCompletionSource _reload = new();
    private ChildProcess? _chromium;

    private Browser(WebApplication site) => _site = site;

    /// <summary>What the page told, in order, as JSON.</summary>
    public ConcurrentQueue<string> Told { get; } = new();

    /// <summary>What the page is given when it asks for a token.</summary>
    public string Token { get; set; } = "";

    /// <summary>Opens the page; <paramref name="node"/> is where its car connects to.</summary>
    public static async Task<Browser> OpenAsync(Uri node, string vid, string token)
    {
        string root = Checkout.OfThisBuild().Root;
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        Browser browser = new(builder.Build()) { Token = token };
        browser._site.MapGet("/", () => Results.Text(File.ReadAllText(Path.Combine(root, "tests/Integration/JavaScript/car.html")), "text/html"));
        browser._site.MapGet("/push-client.js", () => Results.Text(File.ReadAllText(Path.Combine(root, "push-node/VehicleClient/js/push-client.js")), "text/javascript"));
        browser._site.MapGet("/token", () => browser.Token);
        browser._site.MapPost("/told", (Delegate)browser.TakeAsync);
        browser._site.MapGet("/reload", (CancellationToken left) => browser._reload.Task.WaitAsync(left));
        await browser._site.StartAsync();
        await browser.StartChromiumAsync($"{browser._site.Urls.Single()}/?vid={vid}&url={Uri.EscapeDataString(node.ToString())}");
        return browser;
    }

    public void Reload()
    {
        TaskCompletionSource waiting = _reload;
        _reload = new TaskCompletionSource();
        waiting.SetResult();
    }

    public string Log() => _chromium?.LogTail() ?? "";

    public async ValueTask DisposeAsync()
    {
        if (_chromium is not null)
        {
            await _chromium.StopAsync(TimeSpan.FromSeconds(10));
            await _chromium.DisposeAsync();
        }

        _reload.TrySetCanceled();
        await _site.DisposeAsync();
        await Eventually.BeTrueAsync(IsFolderDeleted, "Chromium's last children let go of its folder");
    }

    // The browser's process ends before its children do, and they write to the folder to their end.
    private bool IsFolderDeleted()
    {
        try
        {
            _folder.Delete(recursive: true);
            return true;
        }
        catch (IOException)
        {
            return false;
        }
    }

    private async Task TakeAsync(HttpRequest request)
    {
        using StreamReader body = new(request.Body);
        Told.Enqueue(await body.ReadToEndAsync());
    }

    private async Task StartChromiumAsync(string page)
    {
        string[] arguments =
        [
            "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-background-networking", "--no-first-run",
            $"--user-data-dir={_folder.FullName}", page,
        ];
        _chromium = await ChildProcess.StartAsync(new ChildProcessSpec("chromium", arguments, Path.Combine(_folder.FullName, "log")));
    }
}
