using System.Reflection;
using PushPlatform.Delivery.Rabbit;
using RabbitMQ.Client;
using Xunit;

namespace PushPlatform.Tests.Unit.Delivery;

public sealed class BrokerConnectionsTests
{
    [Fact]
    public async Task Drop_AConnectionThatNeverFinishesClosing_Ends()
    {
        IConnection connection = DispatchProxy.Create<IConnection, NeverEnding>();

        await BrokerConnections.DropAsync(connection).AsTask().WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
    }

    public class NeverEnding : DispatchProxy
    {
        private static readonly Task Never = new TaskCompletionSource().Task;

        protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) =>
            targetMethod?.ReturnType == typeof(ValueTask) ? new ValueTask(Never) : Never;
    }
}
