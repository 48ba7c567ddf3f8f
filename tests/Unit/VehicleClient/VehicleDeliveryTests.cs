using System.Text.Json;
using PushPlatform.VehicleClient;
using Shouldly;
using Xunit;

namespace PushPlatform.Tests.Unit.VehicleClient;

/// <summary>What becomes of a push: shown once, acknowledged each time, known after breaks and restarts.</summary>
public sealed class VehicleDeliveryTests : IAsyncLifetime
{
    private const int Timeout = 30_000;

    private FakeNode _node = null!;

    public async ValueTask InitializeAsync() => _node = await FakeNode.StartAsync();

    public async ValueTask DisposeAsync() => await _node.DisposeAsync();

    [Fact(Timeout = Timeout)]
    public async Task Push_ManyCopies_ApplicationSeesItOnceAndEveryCopyIsAcked()
    {
        await using TestCar car = new(_node);
        FakeLink link = await _node.WelcomeAsync();

        for (int copy = 0; copy < 3; copy++)
        {
            await link.PushAsync("c#1");
            (await link.ReadAckAsync()).ShouldBe("c#1 received");
        }

        car.HandledCount.ShouldBe(1);
        car.Copies.Count.ShouldBe(3);
    }

    [Fact(Timeout = Timeout)]
    public async Task Push_CopyAfterInstallation_IsAckedWithTheLatestStatus()
    {
        await using TestCar car = new(_node);
        FakeLink link = await _node.WelcomeAsync();
        await link.PushAsync("c#1");
        (await link.ReadAckAsync()).ShouldBe("c#1 received");

        await car.Connection.ReportAsync("c#1", DeliveryStatus.Failed, "E7", "no room");
        JsonElement ack = await link.ReadAsync();
        ack.GetRawText().ShouldBe("""{"type":"ack","delivery":"c#1","status":"failed","code":"E7","detail":"no room"}""");

        await link.PushAsync("c#1");
        (await link.ReadAckAsync()).ShouldBe("c#1 failed");
        car.HandledCount.ShouldBe(1);
    }

    [Fact(Timeout = Timeout)]
    public async Task Push_WhileTheApplicationIsBusyWithIt_IsNotShownAgainAndAckedWhenDone()
    {
        TaskCompletionSource<DeliveryReport> busy = new();
        await using TestCar car = new(_node, onPush: _ => new ValueTask<DeliveryReport>(busy.Task));
        FakeLink link = await _node.WelcomeAsync();
        await link.PushAsync("c#1");
        await car.HandledAsync();
        await link.PushAsync("c#1");
        await link.SendAsync("""{"type":"error","code":"marker","detail":"the copy before this was read"}""");
        await car.FaultAsync();

        busy.SetResult(new DeliveryReport(DeliveryStatus.Rejected, "newer"));

        (await link.ReadAckAsync()).ShouldBe("c#1 rejected");
        car.HandledCount.ShouldBe(0);
    }

    [Fact(Timeout = Timeout)]
    public async Task Push_ApplicationThrows_IsNotAckedAndShownAgain()
    {
        int calls = 0;
        await using TestCar car = new(_node, onPush: _ => ++calls == 1 ? throw new InvalidOperationException("disk full") : ValueTask.FromResult(DeliveryReport.Received));
        FakeLink link = await _node.WelcomeAsync();
        await link.PushAsync("c#1");
        (await car.FaultAsync()).Error.ShouldBeOfType<InvalidOperationException>();

        // The fault is told a moment before the notice leaves the application's hands; one more notice settles the order.
        await link.PushAsync("c#2");
        (await link.ReadAckAsync()).ShouldBe("c#2 received");
        await link.PushAsync("c#1");
        (await link.ReadAckAsync()).ShouldBe("c#1 received");
    }

    [Fact(Timeout = Timeout)]
    public async Task Restart_AfterAPush_KnowsItAndSaysSoInTheHello()
    {
        string file = Path.Combine(Directory.CreateTempSubdirectory().FullName, "deliveries.jsonl");
        await using (TestCar first = new(_node, store: new FileDeliveryStore(file)))
        {
            FakeLink link = await _node.WelcomeAsync();
            await link.PushAsync("c#1");
            await link.ReadAckAsync();
        }

        await using TestCar second = new(_node, store: new FileDeliveryStore(file));
        FakeLink again = await _node.WelcomeAsync();
        again.Hello.GetProperty("seen")[0].GetString().ShouldBe("c#1");
        await again.PushAsync("c#1");
        (await again.ReadAckAsync()).ShouldBe("c#1 received");
        second.HandledCount.ShouldBe(0);
    }

    [Fact(Timeout = Timeout)]
    public async Task Report_WithoutALink_IsSentAfterTheNextWelcome()
    {
        await using TestCar car = new(_node, random: 0.5);
        FakeLink link = await _node.WelcomeAsync();
        await link.PushAsync("c#1");
        await link.ReadAckAsync();
        link.Break();
        VehicleDisconnect end = await car.DisconnectedAsync();

        await car.Connection.ReportAsync("c#1", DeliveryStatus.Installed);
        await car.PassAsync(end.ReconnectIn!.Value);

        FakeLink next = await _node.WelcomeAsync();
        next.Hello.GetProperty("seen")[0].GetString().ShouldBe("c#1");
        (await next.ReadAckAsync()).ShouldBe("c#1 installed");
    }

    [Fact(Timeout = Timeout)]
    public async Task Ack_SentIntoALinkThatThenBroke_IsSentAgainEvenAfterARestart()
    {
        InMemoryDeliveryStore store = new();
        await using (TestCar car = new(_node, random: 0.5, store: store))
        {
            FakeLink link = await _node.WelcomeAsync();
            await car.Connection.ReportAsync("c#1", DeliveryStatus.Installed);
            (await link.ReadAckAsync()).ShouldBe("c#1 installed");
            link.Break();
            await car.DisconnectedAsync();
        }

        await using TestCar restarted = new(_node, store: store);
        FakeLink next = await _node.WelcomeAsync();
        (await next.ReadAckAsync()).ShouldBe("c#1 installed");
    }

    [Fact(Timeout = Timeout)]
    public async Task Ack_OutlivedByItsLink_IsNotSentAgain()
    {
        await using TestCar car = new(_node);
        FakeLink link = await _node.WelcomeAsync();
        await car.Connection.ReportAsync("c#1", DeliveryStatus.Installed);
        await link.ReadAckAsync();
        car.Time.Advance(TimeSpan.FromSeconds(16));
        link.Break();
        await car.ComeBackAsync();

        FakeLink next = await _node.WelcomeAsync();
        await car.Connection.ReportAsync("c#2", DeliveryStatus.Installed);
        (await next.ReadAckAsync()).ShouldBe("c#2 installed");
    }

    [Fact(Timeout = Timeout)]
    public async Task Push_Of64KiB_Arrives_AndOneMoreByteEndsTheConnection()
    {
        await using TestCar car = new(_node);
        FakeLink link = await _node.WelcomeAsync();
        string head = """{"type":"push","delivery":"c#1","campaign":"c","patch":{"notes":" """.TrimEnd();
        string full = head + new string('x', 65536 - head.Length - 3) + "\"}}";

        await link.SendAsync(full);
        (await link.ReadAckAsync()).ShouldBe("c#1 received");
        await link.TrySendAsync(new string(' ', 65537));

        VehicleDisconnect end = await car.DisconnectedAsync();
        end.Error.ShouldBeOfType<FormatException>();
    }
}
