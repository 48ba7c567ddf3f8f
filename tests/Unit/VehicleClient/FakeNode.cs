using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using System.Threading.Channels;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Shouldly;

namespace PushPlatform.Tests.Unit.VehicleClient;

/// <summary>A WebSocket server in this process that plays the node's side, frame by frame, as a test says.</summary>
internal sealed class FakeNode : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly CancellationTokenSource _stopping = new();
    private readonly Channel<FakeLink> _links = Channel.CreateUnbounded<FakeLink>();
    private readonly Channel<Action<HttpContext>> _refusals = Channel.CreateUnbounded<Action<HttpContext>>();

    private FakeNode()
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        _app = builder.Build();
        _app.Urls.Add("http://127.0.0.1:0");
        _app.UseWebSockets(new WebSocketOptions { KeepAliveInterval = Timeout.InfiniteTimeSpan });
        _app.Run(ServeAsync);
    }

    internal Uri Endpoint { get; private set; } = null!;

    internal static async Task<FakeNode> StartAsync()
    {
        FakeNode node = new();
        await node._app.StartAsync();
        string address = node._app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single();
        node.Endpoint = new Uri(address.Replace("http:", "ws:") + "/ws");
        return node;
    }

    internal void RefuseNext(Action<HttpContext> answer) => _refusals.Writer.TryWrite(answer);

    /// <summary>The next car that connects.</summary>
    internal async Task<FakeLink> AcceptAsync() => await _links.Reader.ReadAsync();

    /// <summary>The next car that connects, its hello read and welcomed.</summary>
    internal async Task<FakeLink> WelcomeAsync(int? pending = 0)
    {
        FakeLink link = await AcceptAsync();
        link.Hello = await link.ReadAsync();
        await link.SendAsync(pending is null
            ? """{"type":"welcome","session":"s","pingSeconds":5}"""
            : $$"""{"type":"welcome","session":"s","pending":{{pending}},"pingSeconds":5}""");
        return link;
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        using CancellationTokenSource now = new(TimeSpan.Zero);
        await _app.StopAsync(now.Token);
        await _app.DisposeAsync();
        _stopping.Dispose();
    }

    private async Task ServeAsync(HttpContext context)
    {
        if (_refusals.Reader.TryRead(out Action<HttpContext>? answer))
        {
            answer(context);
            return;
        }

        using WebSocket socket = await context.WebSockets.AcceptWebSocketAsync("push.v1");
        FakeLink link = new(context, socket);
        _links.Writer.TryWrite(link);
        await link.Over.WaitAsync(_stopping.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }
}

/// <summary>One car's connection, from the node's side.</summary>
internal sealed class FakeLink(HttpContext context, WebSocket socket)
{
    private readonly TaskCompletionSource _over = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>The test is done with it. That the car is gone does not end it: what it said last may still be to be read.</summary>
    internal Task Over => _over.Task;

    internal JsonElement Hello { get; set; }

    internal string? Authorization { get; } = context.Request.Headers.Authorization;

    internal string? Path { get; } = context.Request.Path.Value;

    internal string? Vid { get; } = context.Request.Query["vid"];

    internal string? Device { get; } = context.Request.Query["device"];

    internal Task SendAsync(string text) => socket.SendAsync(Encoding.UTF8.GetBytes(text), WebSocketMessageType.Text, endOfMessage: true, CancellationToken.None);

    /// <summary>Sends what the car may break off over before all of it is sent.</summary>
    internal async Task TrySendAsync(string text) => await SendAsync(text).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

    internal Task PushAsync(string delivery) => SendAsync($$$"""{"type":"push","delivery":"{{{delivery}}}","campaign":"c","patch":{"id":"p","version":"1"}}""");

    internal Task CancelAsync(string delivery) => SendAsync($$"""{"type":"cancel","delivery":"{{delivery}}"}""");

    /// <summary>The car's next frame.</summary>
    internal async Task<JsonElement> ReadAsync()
    {
        byte[] buffer = new byte[4096];
        WebSocketReceiveResult result = await socket.ReceiveAsync(buffer, CancellationToken.None);
        result.MessageType.ShouldBe(WebSocketMessageType.Text);
        result.EndOfMessage.ShouldBeTrue();
        using JsonDocument document = JsonDocument.Parse(buffer.AsMemory(0, result.Count));
        return document.RootElement.Clone();
    }

    /// <summary>Delivery and status of the car's next frame, an ack.</summary>
    internal async Task<string> ReadAckAsync()
    {
        JsonElement ack = await ReadAsync();
        ack.GetProperty("type").GetString().ShouldBe("ack");
        return $"{ack.GetProperty("delivery").GetString()} {ack.GetProperty("status").GetString()}";
    }

    /// <summary>Reads the car's close frame, answers it, and gives its code.</summary>
    internal async Task<int> ReadCloseAsync()
    {
        WebSocketReceiveResult result = await socket.ReceiveAsync(new byte[16], CancellationToken.None);
        result.MessageType.ShouldBe(WebSocketMessageType.Close);
        int code = (int)result.CloseStatus!.Value;

        // A car that found fault with the node does not wait for this answer, so it may fail.
        await socket.CloseOutputAsync(result.CloseStatus.Value, null, CancellationToken.None).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _over.TrySetResult();
        return code;
    }

    internal async Task CloseAsync(int code)
    {
        await socket.CloseOutputAsync((WebSocketCloseStatus)code, null, CancellationToken.None);
        await socket.ReceiveAsync(new byte[16], CancellationToken.None);
        _over.TrySetResult();
    }

    /// <summary>Breaks the TCP connection without a close frame.</summary>
    internal void Break()
    {
        context.Abort();
        _over.TrySetResult();
    }
}
