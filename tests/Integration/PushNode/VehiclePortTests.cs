using System.Net;
using System.Net.Sockets;
using Shouldly;
using Xunit;

namespace PushPlatform.Tests.Integration.PushNode;

/// <summary>The vehicle port itself, whoever knocks at it.</summary>
public sealed class VehiclePortTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Start_ThePortIsTaken_SaysWhichOneAndWhy()
    {
        using Socket other = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        other.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        other.Listen();
        int port = ((IPEndPoint)other.LocalEndPoint!).Port;

        IOException fault = await Should.ThrowAsync<IOException>(() => TestNode.StartAsync(options: TestNode.Options with { VehiclePort = port }));

        fault.Message.ShouldContain($"127.0.0.1:{port}");
        fault.Message.ShouldContain("in use");
    }

    [Fact]
    public async Task Stop_SomebodySaysNothing_IsCutAndNotWaitedFor()
    {
        await using TestNode node = await TestNode.StartAsync();
        using Socket silent = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await silent.ConnectAsync(node.Vehicles, Token);
        await UntilAsync(() => node.Connections == 1);

        // Half of what a handshake may take.
        await node.StopAsync().WaitAsync(TimeSpan.FromSeconds(5), Token);

        (await silent.ReceiveAsync(new byte[1], Token)).ShouldBe(0);
        node.Connections.ShouldBe(0);
    }

    [Fact]
    public async Task Accept_ManyAreGoneBeforeTheyAreServed_TheNextOneIsServed()
    {
        await using TestNode node = await TestNode.StartAsync();
        for (int knock = 0; knock < 50; knock++)
        {
            using Socket gone = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { LingerState = new LingerOption(enable: true, seconds: 0) };
            await gone.ConnectAsync(node.Vehicles, Token);
        }

        using Socket next = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await next.ConnectAsync(node.Vehicles, Token);
        await next.SendAsync("GET / HTTP/1.1\r\n\r\n"u8.ToArray(), Token);
        byte[] answer = new byte[12];
        (await next.ReceiveAsync(answer, Token)).ShouldBe(12);
        answer.ShouldBe("HTTP/1.1 404"u8.ToArray());
    }

    private static async Task UntilAsync(Func<bool> condition)
    {
        using CancellationTokenSource patience = CancellationTokenSource.CreateLinkedTokenSource(Token);
        patience.CancelAfter(TimeSpan.FromSeconds(10));
        while (!condition())
        {
            await Task.Delay(10, patience.Token);
        }
    }
}
