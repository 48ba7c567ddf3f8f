using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using PushPlatform.Benchmarks.Client;
using PushPlatform.LocalCluster.Processes;
using PushPlatform.LocalCluster.Servers;

namespace PushPlatform.Benchmarks.Servers;

/// <summary>A server under test, in a process of its own: cars connect, and a message to all of them can be published.</summary>
internal abstract class PushServer : IAsyncDisposable
{
    private static readonly TimeSpan StartWithin = TimeSpan.FromSeconds(30);

    /// <summary>The name in tables.</summary>
    public abstract string Name { get; }

    public virtual Dialect Dialect => Dialect.Raw;

    public virtual string Path => "/ws";

    public abstract IPEndPoint EndPoint { get; }

    public abstract int ProcessId { get; }

    /// <summary>Bytes of a message of <see cref="BenchMessage.Size"/> around what is published.</summary>
    public virtual int Envelope => 0;

    /// <summary>To every car that is connected. Returns when the server has accepted it; it may still be sending.</summary>
    public abstract Task PublishAsync(string text);

    public abstract ValueTask DisposeAsync();

    /// <summary>Starts a program that listens on a port.</summary>
    /// <exception cref="InvalidOperationException">It ended, or did not listen in time; the message holds the end of its log.</exception>
    protected static async Task<ChildProcess> StartAsync(ChildProcessSpec spec, IPEndPoint listens)
    {
        ChildProcess process = await ChildProcess.StartAsync(spec);
        long began = Stopwatch.GetTimestamp();
        while (!await ListensAsync(listens))
        {
            if (process.HasExited || Stopwatch.GetElapsedTime(began) > StartWithin)
            {
                await process.DisposeAsync();
                throw new InvalidOperationException($"{spec.FileName} does not listen on {listens}:\n{process.LogTail()}");
            }

            await Task.Delay(50);
        }

        return process;
    }

    protected static IPEndPoint FreeEndPoint() => new(IPAddress.Loopback, FreePort.Next());

    protected static async Task PostAsync(HttpClient http, Uri uri, string text)
    {
        using StringContent body = new(text, Encoding.UTF8, "text/plain");
        using HttpResponseMessage answer = await http.PostAsync(uri, body);
        answer.EnsureSuccessStatusCode();
    }

    private static async Task<bool> ListensAsync(IPEndPoint endPoint)
    {
        using Socket socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            await socket.ConnectAsync(endPoint);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
