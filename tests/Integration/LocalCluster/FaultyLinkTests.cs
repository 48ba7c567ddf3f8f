using System.Net;
using System.Net.Sockets;
using PushPlatform.LocalCluster.Faults;
using Shouldly;
using Xunit;

namespace PushPlatform.Tests.Integration.LocalCluster;

public sealed class FaultyLinkTests : IAsyncDisposable
{
    private readonly TcpListener _server = new(IPAddress.Loopback, 0);
    private readonly FaultyLink _link;

    public FaultyLinkTests()
    {
        _server.Start();
        _link = FaultyLink.To(((IPEndPoint)_server.LocalEndpoint).Port);
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync()
    {
        await _link.DisposeAsync();
        _server.Dispose();
    }

    [Fact]
    public async Task Whole_CarriesBothWays_AndAHalfClose()
    {
        (Socket client, Socket server) = await ConnectAsync();
        using Socket near = client, far = server;

        await near.SendAsync("to"u8.ToArray(), Token);
        (await ReadAsync(far, 2)).ShouldBe("to");
        await far.SendAsync("fro"u8.ToArray(), Token);
        (await ReadAsync(near, 3)).ShouldBe("fro");
        near.Shutdown(SocketShutdown.Send);
        (await far.ReceiveAsync(new byte[1], Token)).ShouldBe(0);
    }

    [Fact]
    public async Task Cut_ResetsWhatIsOpen_RefusesWhatIsNew_AndHealsAtTheSamePort()
    {
        (Socket client, Socket server) = await ConnectAsync();
        using Socket near = client, far = server;

        await _link.CutAsync();

        (await Should.ThrowAsync<SocketException>(near.ReceiveAsync(new byte[1], Token).AsTask())).SocketErrorCode.ShouldBe(SocketError.ConnectionReset);
        using Socket late = new(SocketType.Stream, ProtocolType.Tcp);
        (await Should.ThrowAsync<SocketException>(late.ConnectAsync("127.0.0.1", _link.Port, Token).AsTask())).SocketErrorCode.ShouldBe(SocketError.ConnectionRefused);
        _link.Heal();
        (Socket client2, Socket server2) = await ConnectAsync();
        using Socket near2 = client2, far2 = server2;
        await near2.SendAsync("again"u8.ToArray(), Token);
        (await ReadAsync(far2, 5)).ShouldBe("again");
    }

    [Fact]
    public async Task Silent_CarriesNothing_AcceptsWhatIsNew_AndLetsAllFlowOnceHealed()
    {
        (Socket client, Socket server) = await ConnectAsync();
        using Socket near = client, far = server;

        _link.Silence();
        await near.SendAsync("held"u8.ToArray(), Token);
        using Socket late = new(SocketType.Stream, ProtocolType.Tcp);
        await late.ConnectAsync("127.0.0.1", _link.Port, Token);
        await late.SendAsync("new"u8.ToArray(), Token);
        Task<string> held = ReadAsync(far, 4);
        Task<Socket> accepted = _server.AcceptSocketAsync(Token).AsTask();
        await Should.ThrowAsync<TimeoutException>(Task.WhenAny(held, accepted).WaitAsync(TimeSpan.FromMilliseconds(200), Token));
        _link.Heal();

        (await held).ShouldBe("held");
        using Socket lateServer = await accepted;
        (await ReadAsync(lateServer, 3)).ShouldBe("new");
    }

    [Fact]
    public async Task Forgotten_WhatWasOpenStaysSilent_AlsoAfterHealing_AndNewOnesWork()
    {
        (Socket client, Socket server) = await ConnectAsync();
        using Socket near = client, far = server;

        _link.Forget();
        _link.Silence();
        _link.Heal();
        await near.SendAsync("lost"u8.ToArray(), Token);
        (Socket client2, Socket server2) = await ConnectAsync();
        using Socket near2 = client2, far2 = server2;
        await near2.SendAsync("new"u8.ToArray(), Token);

        (await ReadAsync(far2, 3)).ShouldBe("new");
        far.Poll(TimeSpan.FromMilliseconds(200), SelectMode.SelectRead).ShouldBeFalse();
    }

    [Fact]
    public async Task Slow_DeliversLate_AndSoonOnceHealed()
    {
        (Socket client, Socket server) = await ConnectAsync();
        using Socket near = client, far = server;

        _link.Slow(TimeSpan.FromSeconds(1));
        long began = TimeProvider.System.GetTimestamp();
        await near.SendAsync("slow"u8.ToArray(), Token);
        (await ReadAsync(far, 4)).ShouldBe("slow");
        TimeProvider.System.GetElapsedTime(began).ShouldBeGreaterThan(TimeSpan.FromSeconds(0.9));
        _link.Slow(TimeSpan.FromHours(1));
        _link.Heal();
        await near.SendAsync("fast"u8.ToArray(), Token);

        (await ReadAsync(far, 4)).ShouldBe("fast");
    }

    private async Task<(Socket Client, Socket Server)> ConnectAsync()
    {
        Socket client = new(SocketType.Stream, ProtocolType.Tcp);
        await client.ConnectAsync("127.0.0.1", _link.Port, Token);
        return (client, await _server.AcceptSocketAsync(Token));
    }

    private static async Task<string> ReadAsync(Socket socket, int length)
    {
        byte[] buffer = new byte[length];
        await using NetworkStream stream = new(socket, ownsSocket: false);
        await stream.ReadExactlyAsync(buffer, Token);
        return System.Text.Encoding.ASCII.GetString(buffer);
    }
}
