using PushPlatform.VehicleClient;
using Shouldly;
using Xunit;

namespace PushPlatform.Tests.Unit.VehicleClient;

/// <summary>What a car answers when a notice is taken back.</summary>
public sealed class VehicleCancelTests : IAsyncLifetime
{
    private const int Timeout = 30_000;

    private FakeNode _node = null!;

    public async ValueTask InitializeAsync() => _node = await FakeNode.StartAsync();

    public async ValueTask DisposeAsync() => await _node.DisposeAsync();

    [Fact(Timeout = Timeout)]
    public async Task Cancel_NotInstalledYet_IsForgotten_AndCopiesAreNotShownAgain()
    {
        List<string> asked = [];
        await using TestCar car = new(_node, onCancel: delivery =>
        {
            asked.Add(delivery);
            return true;
        });
        FakeLink link = await _node.WelcomeAsync();
        await link.PushAsync("c#1");
        (await link.ReadAckAsync()).ShouldBe("c#1 received");

        await link.CancelAsync("c#1");
        (await link.ReadAckAsync()).ShouldBe("c#1 cancelled");
        await link.CancelAsync("c#1");
        (await link.ReadAckAsync()).ShouldBe("c#1 cancelled");
        await link.PushAsync("c#1");
        (await link.ReadAckAsync()).ShouldBe("c#1 cancelled");

        asked.ShouldBe(["c#1"]);
        car.HandledCount.ShouldBe(1);
    }

    [Fact(Timeout = Timeout)]
    public async Task Cancel_TooLate_SaysWhatItIs_AndThenWhatCameOfIt()
    {
        await using TestCar car = new(_node, onCancel: _ => false);
        FakeLink link = await _node.WelcomeAsync();
        await link.PushAsync("c#1");
        (await link.ReadAckAsync()).ShouldBe("c#1 received");

        await link.CancelAsync("c#1");
        (await link.ReadAckAsync()).ShouldBe("c#1 received");
        await car.Connection.ReportAsync("c#1", DeliveryStatus.Installed);
        (await link.ReadAckAsync()).ShouldBe("c#1 installed");
    }

    [Theory(Timeout = Timeout)]
    [InlineData(DeliveryStatus.Installed, "c#1 installed")]
    [InlineData(DeliveryStatus.Rejected, "c#1 rejected")]
    [InlineData(DeliveryStatus.Failed, "c#1 failed")]
    public async Task Cancel_OfWhatIsOver_SaysSo_AndAsksNobody(DeliveryStatus status, string ack)
    {
        await using TestCar car = new(_node, onPush: _ => ValueTask.FromResult(new DeliveryReport(status)), onCancel: _ => throw new InvalidOperationException("asked"));
        FakeLink link = await _node.WelcomeAsync();
        await link.PushAsync("c#1");
        (await link.ReadAckAsync()).ShouldBe(ack);

        await link.CancelAsync("c#1");
        (await link.ReadAckAsync()).ShouldBe(ack);
    }

    [Fact(Timeout = Timeout)]
    public async Task Cancel_OfWhatNeverCame_IsForgottenInAdvance()
    {
        await using TestCar car = new(_node, onCancel: _ => throw new InvalidOperationException("asked"));
        FakeLink link = await _node.WelcomeAsync();

        await link.CancelAsync("c#1");
        (await link.ReadAckAsync()).ShouldBe("c#1 cancelled");
        await link.PushAsync("c#1");
        (await link.ReadAckAsync()).ShouldBe("c#1 cancelled");
        car.HandledCount.ShouldBe(0);
    }

    [Fact(Timeout = Timeout)]
    public async Task Cancel_WhileTheApplicationIsBusyWithIt_IsAnsweredAfterwards()
    {
        TaskCompletionSource<DeliveryReport> busy = new();
        await using TestCar car = new(_node, onPush: _ => new ValueTask<DeliveryReport>(busy.Task), onCancel: _ => true);
        FakeLink link = await _node.WelcomeAsync();
        await link.PushAsync("c#1");
        await car.HandledAsync();
        await link.CancelAsync("c#1");
        await link.SendAsync("""{"type":"error","code":"marker","detail":"the cancellation before this was read"}""");
        await car.FaultAsync();

        busy.SetResult(DeliveryReport.Installed);

        (await link.ReadAckAsync()).ShouldBe("c#1 installed");
    }

    [Fact(Timeout = Timeout)]
    public async Task Cancel_ApplicationThatCannotForget_SaysWhatItIs()
    {
        await using TestCar car = new(_node);
        FakeLink link = await _node.WelcomeAsync();
        await link.PushAsync("c#1");
        (await link.ReadAckAsync()).ShouldBe("c#1 received");

        await link.CancelAsync("c#1");
        (await link.ReadAckAsync()).ShouldBe("c#1 received");
    }

    [Fact(Timeout = Timeout)]
    public async Task Cancelled_IsRememberedByTheStore_AndNotSaidToBeThere()
    {
        InMemoryDeliveryStore store = new();
        await using (TestCar car = new(_node, store: store, onCancel: _ => true))
        {
            FakeLink link = await _node.WelcomeAsync();
            await link.PushAsync("c#1");
            (await link.ReadAckAsync()).ShouldBe("c#1 received");
            await link.CancelAsync("c#1");
            (await link.ReadAckAsync()).ShouldBe("c#1 cancelled");
            link.Break();
        }

        await using TestCar restarted = new(_node, store: store);
        FakeLink again = await _node.WelcomeAsync();
        again.Hello.TryGetProperty("seen", out _).ShouldBeFalse();
        await again.PushAsync("c#1");
        (await again.ReadAckAsync()).ShouldBe("c#1 cancelled");
        restarted.HandledCount.ShouldBe(0);
    }
}
