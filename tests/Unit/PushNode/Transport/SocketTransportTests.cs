using System.Buffers;
using System.IO.Pipelines;
using System.Net;
using System.Net.Sockets;
using System.Text;
using PushPlatform.PushNode.Transport;
using Shouldly;
using Xunit;

namespace PushPlatform.Tests.Unit.PushNode.Transport;

/// <summary>A connection over loopback, whose far end the test holds.</summary>
public sealed class SocketTransportTests : IAsyncLifetime
{
    private readonly Socket _car = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private SocketTransport _transport = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        using Socket listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen();
        await _car.ConnectAsync(listener.LocalEndPoint!, Token);
        _transport = new SocketTransport(await listener.AcceptAsync(Token));
    }

    public ValueTask DisposeAsync()
    {
        _transport.Dispose();
        _car.Dispose();
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task Read_APartIsConsumed_TheRestComesAgainWithWhatFollows()
    {
        await SayAsync("hello");
        ReadResult first = await _transport.Input.ReadAsync(Token);
        TextOf(first).ShouldBe("hello");
        _transport.Input.AdvanceTo(first.Buffer.GetPosition(2), first.Buffer.End);

        ValueTask<ReadResult> second = _transport.Input.ReadAsync(Token);
        second.IsCompleted.ShouldBeFalse("all of it was looked at, and more is needed");
        await SayAsync(", world");

        TextOf(await second).ShouldBe("llo, world");
    }

    [Fact]
    public async Task Read_TheRestWasNotLookedAt_ReturnsItAtOnce()
    {
        await SayAsync("one two");
        ReadResult first = await _transport.Input.ReadAsync(Token);
        _transport.Input.AdvanceTo(first.Buffer.GetPosition(4));

        ValueTask<ReadResult> second = _transport.Input.ReadAsync(Token);

        second.IsCompleted.ShouldBeTrue();
        TextOf(await second).ShouldBe("two");
    }

    [Fact]
    public async Task Read_MoreThanABufferInPieces_LosesNothing()
    {
        byte[] sent = new byte[10 * SocketInput.BufferSize];
        Random.Shared.NextBytes(sent);
        Task sending = _car.SendAsync(sent, Token).AsTask();
        List<byte> got = [];
        while (got.Count < sent.Length)
        {
            ReadResult read = await _transport.Input.ReadAsync(Token);
            // A little of it stays each time, as half a frame does.
            SequencePosition upTo = read.Buffer.GetPosition(Math.Max(1, read.Buffer.Length - 7));
            got.AddRange(read.Buffer.Slice(0, upTo).ToArray());
            _transport.Input.AdvanceTo(upTo, got.Count + 7 < sent.Length ? read.Buffer.End : upTo);
        }

        await sending;
        got.ShouldBe(sent);
    }

    [Fact]
    public async Task Read_NothingIsConsumed_AWholeRequestFits()
    {
        byte[] sent = new byte[8 * 1024];
        Random.Shared.NextBytes(sent);
        foreach (byte[] part in sent.Chunk(1000))
        {
            await _car.SendAsync(part, Token);
        }

        ReadResult read = await _transport.Input.ReadAsync(Token);
        while (read.Buffer.Length < sent.Length)
        {
            _transport.Input.AdvanceTo(read.Buffer.Start, read.Buffer.End);
            read = await _transport.Input.ReadAsync(Token);
        }

        read.Buffer.ToArray().ShouldBe(sent);
    }

    [Fact]
    public async Task Read_TheCarHasLeft_IsCompletedAfterItsLastWords()
    {
        await SayAsync("bye");
        _car.Shutdown(SocketShutdown.Send);
        ReadResult words = await _transport.Input.ReadAsync(Token);
        TextOf(words).ShouldBe("bye");
        _transport.Input.AdvanceTo(words.Buffer.End);

        ReadResult end = await _transport.Input.ReadAsync(Token);

        end.IsCompleted.ShouldBeTrue();
        end.Buffer.IsEmpty.ShouldBeTrue();
    }

    [Fact]
    public async Task Read_TheConnectionIsReset_IsCompleted()
    {
        ValueTask<ReadResult> read = _transport.Input.ReadAsync(Token);
        _car.LingerState = new LingerOption(enable: true, seconds: 0);
        _car.Dispose();

        (await read).IsCompleted.ShouldBeTrue();
    }

    [Fact]
    public async Task Send_ThereIsRoom_HasTakenItOnReturn()
    {
        ValueTask<bool> sent = _transport.SendAsync("hello"u8.ToArray());

        sent.IsCompleted.ShouldBeTrue();
        (await sent).ShouldBeTrue();
        (await HearAsync(5)).ShouldBe("hello"u8.ToArray());
    }

    [Fact]
    public async Task Send_TheCarReadsNothing_WaitsAndGoesOnWhereItStopped()
    {
        (List<byte> sent, ValueTask<bool> waiting) = FillUp();

        byte[] heard = await HearAsync(sent.Count);

        (await waiting).ShouldBeTrue();
        heard.ShouldBe(sent);
    }

    [Fact]
    public async Task Send_TheCarIsGone_SaysSo()
    {
        _car.LingerState = new LingerOption(enable: true, seconds: 0);
        _car.Dispose();
        (await _transport.Input.ReadAsync(Token)).IsCompleted.ShouldBeTrue();

        (await _transport.SendAsync("hello"u8.ToArray())).ShouldBeFalse();
        _transport.Dispose();
        (await _transport.SendAsync("hello"u8.ToArray())).ShouldBeFalse("and so does one that was given back");
    }

    [Fact]
    public async Task Abort_LetsReaderAndSenderGo()
    {
        CancellationToken asked = _transport.Closed;
        ValueTask<ReadResult> read = _transport.Input.ReadAsync(Token);
        (_, ValueTask<bool> waiting) = FillUp();

        _transport.Abort();

        (await read).IsCompleted.ShouldBeTrue();
        (await waiting).ShouldBeFalse();
        await Task.Delay(Timeout.Infinite, asked).ContinueWith(static _ => { }, TaskScheduler.Default);
        _transport.Closed.IsCancellationRequested.ShouldBeTrue("also for who asks later");
    }

    [Fact]
    public async Task Dispose_WhatWasSent_StillArrives()
    {
        await _transport.SendAsync("last words"u8.ToArray());

        _transport.Dispose();

        (await HearAsync(10)).ShouldBe("last words"u8.ToArray());
        (await _car.ReceiveAsync(new byte[1], Token)).ShouldBe(0);
    }

    [Fact]
    public async Task Dispose_SomethingWasNotRead_WhatWasSentArrives_AndItIsNoReset()
    {
        await SayAsync("more than anybody asked for");
        (await _transport.Input.ReadAsync(Token)).Buffer.IsEmpty.ShouldBeFalse("it has arrived");
        await SayAsync("and more");
        await _transport.SendAsync("last words"u8.ToArray());

        _transport.Dispose();

        (await HearAsync(10)).ShouldBe("last words"u8.ToArray());
        (await _car.ReceiveAsync(new byte[1], Token)).ShouldBe(0);
        ((SocketError)(int)_car.GetSocketOption(SocketOptionLevel.Socket, SocketOptionName.Error)!).ShouldBe(SocketError.Success, "a reset came behind the end");
    }

    [Fact]
    public async Task Dispose_AfterAbort_TheKernelKeepsNothingForTheCar()
    {
        (_, ValueTask<bool> waiting) = FillUp();
        _transport.Abort();
        (await waiting).ShouldBeFalse();

        _transport.Dispose();

        SocketException fault = await Should.ThrowAsync<SocketException>(async () =>
        {
            byte[] heard = new byte[64 * 1024];
            while (await _car.ReceiveAsync(heard, Token) > 0)
            {
            }
        });
        fault.SocketErrorCode.ShouldBe(SocketError.ConnectionReset);
    }

    private static string TextOf(ReadResult read) => Encoding.ASCII.GetString(read.Buffer);

    private async Task SayAsync(string text) => await _car.SendAsync(Encoding.ASCII.GetBytes(text), Token);

    private async Task<byte[]> HearAsync(int count)
    {
        byte[] heard = new byte[count];
        for (int got = 0; got < count;)
        {
            int more = await _car.ReceiveAsync(heard.AsMemory(got), Token);
            more.ShouldBeGreaterThan(0, $"after {got} of {count}");
            got += more;
        }

        return heard;
    }

    /// <summary>Sends until the kernel takes no more of it.</summary>
    private (List<byte> Sent, ValueTask<bool> Waiting) FillUp()
    {
        List<byte> sent = [];
        while (true)
        {
            byte[] frame = new byte[60_000];
            Random.Shared.NextBytes(frame);
            sent.AddRange(frame);
            ValueTask<bool> taken = _transport.SendAsync(frame);
            if (!taken.IsCompleted)
            {
                return (sent, taken);
            }

            taken.Result.ShouldBeTrue();
        }
    }
}
