using RabbitMQ.Client;

namespace PushPlatform.Delivery.Rabbit;

/// <summary>
/// Opens connections to the broker. Reconnecting is ours: the library's topology recovery can lose a consumer in silence
/// (rabbitmq-dotnet-client#1993).
/// </summary>
internal sealed class BrokerConnections
{
    /// <summary>For opening a connection, declaring, and one confirmed publish each.</summary>
    public static readonly TimeSpan Timeout = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan Politeness = TimeSpan.FromSeconds(1);

    private readonly ConnectionFactory _factory;

    /// <exception cref="ArgumentException">Not an <c>amqp://</c> or <c>amqps://</c> URI.</exception>
    public BrokerConnections(string uri, string clientName)
    {
        _factory = RabbitAddress.Parse(uri) ?? throw new ArgumentException(RabbitAddress.Fault(uri), nameof(uri));
        _factory.ClientProvidedName = clientName;
        _factory.AutomaticRecoveryEnabled = false;
        _factory.TopologyRecoveryEnabled = false;
        _factory.RequestedConnectionTimeout = Timeout;
        _factory.ContinuationTimeout = Timeout;
        _factory.HandshakeContinuationTimeout = Timeout;
        // A silent broker is noticed after two missed heartbeats.
        _factory.RequestedHeartbeat = TimeSpan.FromSeconds(5);
        Broker = $"{_factory.Endpoint.HostName}:{_factory.Endpoint.Port}";
    }

    /// <summary>Host and port, for messages; never the credentials.</summary>
    public string Broker { get; }

    /// <summary>What is wrong while nobody has tried it.</summary>
    public string NotYet => $"RabbitMQ at {Broker} is not connected yet";

    /// <summary>Whether this broker is well, as one user of it finds out.</summary>
    public static DependencyWatch Watch(TimeProvider time) =>
        new("check that it runs, and that it can be reached from here under the configured address, user and password", time);

    public async Task<IConnection> OpenAsync(CancellationToken cancellationToken)
    {
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(Timeout);
        return await _factory.CreateConnectionAsync(limit.Token);
    }

    /// <summary>Lets go of a connection whatever state it is in. Bounded, whatever the library waits for in the end: callers hold what others need.</summary>
    public static async ValueTask DropAsync(IConnection connection)
    {
        try
        {
            await CloseAsync(connection).WaitAsync(Politeness * 2);
        }
        catch (Exception)
        {
            // It is being thrown away; what it still had to say is known already.
        }
    }

    private static async Task CloseAsync(IConnection connection)
    {
        await connection.CloseAsync(Constants.ReplySuccess, "done", Politeness, abort: true, CancellationToken.None);
        await connection.DisposeAsync();
    }
}
