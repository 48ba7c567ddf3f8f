// What a good C# developer writes without us: one program, two baselines. Arguments: port, websocket|signalr, seconds between pings (0: none).
using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.WebSockets;
using Microsoft.AspNetCore.SignalR;
using PushPlatform.Peers.AspNet;

int port = int.Parse(args[0], CultureInfo.InvariantCulture);
TimeSpan pings = TimeSpan.FromSeconds(int.Parse(args[2], CultureInfo.InvariantCulture));

WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
builder.Logging.ClearProviders();
builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, port));
builder.WebHost.UseSockets(sockets => sockets.Backlog = 4096);
builder.Services.AddSignalR(hub =>
{
    hub.KeepAliveInterval = pings > TimeSpan.Zero ? pings : TimeSpan.FromHours(1);
    hub.ClientTimeoutInterval = TimeSpan.FromHours(2);
});

WebApplication app = builder.Build();
if (args[1] == "signalr")
{
    app.MapHub<NoticeHub>("/ws");
    app.MapPost("/publish", async (HttpRequest request, IHubContext<NoticeHub> hub) =>
    {
        using StreamReader reader = new(request.Body);
        await hub.Clients.All.SendAsync("notice", await reader.ReadToEndAsync());
    });
}
else
{
    Crowd crowd = new();
    app.UseWebSockets(new WebSocketOptions
    {
        KeepAliveInterval = pings,
        KeepAliveTimeout = pings > TimeSpan.Zero ? TimeSpan.FromSeconds(10) : Timeout.InfiniteTimeSpan,
    });
    app.MapGet("/ws", async (HttpContext context) => await crowd.HoldAsync(await context.WebSockets.AcceptWebSocketAsync()));
    app.MapPost("/publish", async (HttpRequest request) =>
    {
        using MemoryStream body = new();
        await request.Body.CopyToAsync(body);
        await crowd.TellAsync(body.ToArray());
    });
}

await app.RunAsync();

namespace PushPlatform.Peers.AspNet
{
    internal sealed class NoticeHub : Hub;

    /// <summary>All sockets of the process.</summary>
    internal sealed class Crowd
    {
        private readonly ConcurrentDictionary<WebSocket, byte> _sockets = new();

        /// <summary>Reads until the car goes. Without bytes first, so that no idle socket holds a buffer.</summary>
        public async Task HoldAsync(WebSocket socket)
        {
            _sockets.TryAdd(socket, 0);
            byte[] buffer = new byte[128];
            try
            {
                ValueWebSocketReceiveResult read;
                do
                {
                    await socket.ReceiveAsync(Memory<byte>.Empty, CancellationToken.None);
                    read = await socket.ReceiveAsync(buffer.AsMemory(), CancellationToken.None);
                }
                while (read.MessageType != WebSocketMessageType.Close);
            }
            catch (WebSocketException)
            {
                // The link broke: the usual end.
            }
            finally
            {
                _sockets.TryRemove(socket, out _);
            }
        }

        public async Task TellAsync(byte[] text)
        {
            List<Task> waiting = [];
            foreach ((WebSocket socket, _) in _sockets)
            {
                ValueTask sent = socket.SendAsync(text.AsMemory(), WebSocketMessageType.Text, endOfMessage: true, CancellationToken.None);
                if (!sent.IsCompletedSuccessfully)
                {
                    waiting.Add(sent.AsTask());
                }
            }

            await Task.WhenAll(waiting);
        }
    }
}
