using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Text;
using PushPlatform.Delivery.Ledger;
using PushPlatform.PushNode.Protocol;
using PushPlatform.VehicleClient;
using Shouldly;
using Xunit;
using IVehicleLink = PushPlatform.PushNode.Connections.IVehicleLink;

namespace PushPlatform.Tests.Integration.PushNode;

/// <summary>A vehicle port that speaks TLS, over real sockets.</summary>
public sealed class TlsTests : IDisposable
{
    private readonly MountedCertificate _certificate = new();

    [Fact]
    public async Task ACarOverTls_GetsAPushOfAnySize_AndAcksIt()
    {
        await using TestNode node = await StartAsync();
        string notes = new('n', 30_000);
        TaskCompletionSource<Push> shown = new();
        using CancellationTokenSource stop = new();
        Task running = DriveAsync(node, shown.SetResult, stop.Token);
        await Eventually.BeTrueAsync(() => node.Events.Story.Contains("arrived car-1"), "the car has arrived");

        await PushAsync(node, notes);

        (await shown.Task).Patch.GetProperty("notes").GetString().ShouldBe(notes);
        await stop.CancelAsync();
        await running;
        await Eventually.BeTrueAsync(() => node.Events.Story.Contains("left car-1"), "the car has left");
    }

    [Fact]
    public async Task ACarThatDoesNotRead_IsCut_BeforeMuchIsKeptForIt()
    {
        await using TestNode node = await StartAsync();
        await using SslStream car = await ConnectAsync(node, _certificate.Trusting());
        byte[] hello = Encoding.ASCII.GetBytes("""{"type":"hello","vid":"car-1"}""");
        await car.WriteAsync(Encoding.ASCII.GetBytes(RawCar.Request("car-1")));
        // Masked with zeros.
        await car.WriteAsync((byte[])[0x81, (byte)(0x80 | hello.Length), 0, 0, 0, 0, .. hello]);
        await Eventually.BeTrueAsync(() => node.Events.Story.Contains("arrived car-1"), "the car has arrived");
        IVehicleLink link = node.Index.Find("car-1")!;
        WireFrame large = WireFrame.Text($$"""{"type":"push","pad":"{{new string('p', 30_000)}}"}""");

        int taken = 0;
        while (link.TrySend(large))
        {
            taken++;
            // Whatever the transport can still take it takes between two frames.
            await Task.Delay(5, CancellationToken.None);
        }

        (taken * large.Length).ShouldBeLessThan(768 * 1024, "what one car does not take is on the container's account");
        await Eventually.BeTrueAsync(() => node.Events.Story.Contains("left car-1"), "the car is cut");
    }

    [Fact]
    public async Task APlainCar_IsCut_AndCounted()
    {
        await using TestNode node = await StartAsync();
        using RawCar car = await RawCar.ConnectAsync(node.Vehicles);

        await car.SendAsync(Encoding.ASCII.GetBytes(RawCar.Request("car-1")));

        (await car.IsCutAsync()).ShouldBeTrue();
        await UntilCountedAsync(node, "tls-none");
        node.Events.Story.ShouldBeEmpty();
    }

    [Fact]
    public async Task ACarWithoutACipherInCommon_IsRefused_AndCounted()
    {
        await using TestNode node = await StartAsync();
        SslClientAuthenticationOptions options = _certificate.Trusting();
#pragma warning disable CA1416, CA5398 // not on Windows, where no test runs; and TLS 1.3 would bring its own ciphers
        // The certificate's key is none of RSA.
        options.CipherSuitesPolicy = new CipherSuitesPolicy([TlsCipherSuite.TLS_RSA_WITH_AES_128_GCM_SHA256]);
        options.EnabledSslProtocols = SslProtocols.Tls12;
#pragma warning restore CA1416, CA5398

        await Should.ThrowAsync<AuthenticationException>(() => ConnectAsync(node, options));

        await UntilCountedAsync(node, "tls-failed");
    }

    [Fact]
    public async Task AClientThatWouldLikeHttp2_IsToldHttp11()
    {
        await using TestNode node = await StartAsync();
        SslClientAuthenticationOptions options = _certificate.Trusting();
        options.ApplicationProtocols = [SslApplicationProtocol.Http2, SslApplicationProtocol.Http11];

        await using SslStream car = await ConnectAsync(node, options);

        car.NegotiatedApplicationProtocol.ShouldBe(SslApplicationProtocol.Http11);
    }

    [Fact]
    public async Task AConnectionThatSaysNothing_IsCutWithinTheTimeOfAHandshake()
    {
        await using TestNode node = await StartAsync();
        using RawCar car = await RawCar.ConnectAsync(node.Vehicles);

        (await car.IsCutAsync()).ShouldBeTrue();

        await UntilCountedAsync(node, "tls-late");
        await Eventually.BeTrueAsync(() => node.Connections == 0, "it counts no more");
    }

    [Fact]
    public async Task TheCertificateIsReplaced_NewHandshakesGetIt_AndOpenConnectionsStay()
    {
        await using TestNode node = await StartAsync();
        using CancellationTokenSource stop = new();
        Task running = DriveAsync(node, _ => { }, stop.Token);
        await Eventually.BeTrueAsync(() => node.Events.Story.Contains("arrived car-1"), "the car has arrived");
        string old = _certificate.Current.GetCertHashString();

        _certificate.Break();
        await UntilReadyzAsync(node, "certificate");
        await using (SslStream meanwhile = await ConnectAsync(node, _certificate.Trusting()))
        {
            meanwhile.RemoteCertificate!.GetCertHashString().ShouldBe(old);
        }

        string renewed = _certificate.Renew().GetCertHashString();
        await UntilReadyzAsync(node, "\"faults\":[]");
        await using SslStream after = await ConnectAsync(node, _certificate.Trusting());
        after.RemoteCertificate!.GetCertHashString().ShouldBe(renewed);
        await PushAsync(node, "on the connection of before");
        node.Events.Story.ShouldBe(["arrived car-1"]);
        await stop.CancelAsync();
        await running;
    }

    public void Dispose() => _certificate.Dispose();

    /// <summary>Sends a push to the one car that is there and waits for its ack.</summary>
    private static async Task PushAsync(TestNode node, string notes)
    {
        node.Index.Find("car-1")!.TrySend(WireFrame.Text(
            $$$"""{"type":"push","delivery":"c#1","campaign":"c","patch":{"id":"p","version":"1","notes":"{{{notes}}}"}}""")).ShouldBeTrue();
        await Eventually.BeTrueAsync(() => node.Events.Acks.Any(ack => ack is { Delivery: "c#1", Status: AckStatus.Received }), "the ack came");
    }

    private static async Task<SslStream> ConnectAsync(TestNode node, SslClientAuthenticationOptions options)
    {
        Socket socket = new(SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(node.Vehicles);
        SslStream tls = new(new NetworkStream(socket, ownsSocket: true));
        try
        {
            await tls.AuthenticateAsClientAsync(options);
            return tls;
        }
        catch
        {
            await tls.DisposeAsync();
            throw;
        }
    }

    private static async Task UntilCountedAsync(TestNode node, string outcome) =>
        await UntilAsync(node, "/metrics", text => text.Contains($"push_node_handshakes_total{{outcome=\"{outcome}\"}} 1", StringComparison.Ordinal), outcome);

    private static async Task UntilReadyzAsync(TestNode node, string text) =>
        await UntilAsync(node, "/readyz", answer => answer.Contains(text, StringComparison.Ordinal), text);

    private static async Task UntilAsync(TestNode node, string path, Func<string, bool> condition, string what)
    {
        using HttpClient http = new();
        using CancellationTokenSource patience = new(TimeSpan.FromSeconds(30));
        string last = "";
        while (!condition(last))
        {
            patience.IsCancellationRequested.ShouldBeFalse($"{path} never showed {what}: {last}");
            last = await http.GetStringAsync(new Uri($"http://{node.Health}{path}"), CancellationToken.None);
            await Task.Delay(50, CancellationToken.None);
        }
    }

    private Task<TestNode> StartAsync() => TestNode.StartAsync(TestNode.Options with { TlsFolder = _certificate.Folder });

    /// <summary>The life of a car that trusts the certificate of now.</summary>
    private async Task DriveAsync(TestNode node, Action<Push> onPush, CancellationToken stop)
    {
        using SocketsHttpHandler tls = new() { SslOptions = _certificate.Trusting() };
        using HttpMessageInvoker invoker = new(tls);
        using VehicleConnection car = new(new VehicleOptions
        {
            Vid = "car-1",
            Endpoints = [new Uri($"wss://{node.Vehicles}/ws")],
            Invoker = invoker,
            OnPush = (push, _) =>
            {
                onPush(push);
                return ValueTask.FromResult(DeliveryReport.Received);
            },
        });
        await car.RunAsync(stop);
    }
}
