using PushPlatform.LocalCluster.Processes;
using PushPlatform.LocalCluster.Servers;
using PushPlatform.Operator.Hosting;

namespace PushPlatform.Tests.Integration.Operator;

/// <summary>The operator's executable as a process of its own; dies with the tests.</summary>
internal sealed class OperatorProcess : IAsyncDisposable
{
    private readonly ChildProcess _process;
    private readonly string _logPath;

    private OperatorProcess(ChildProcess process, string logPath, Uri health)
    {
        _process = process;
        _logPath = logPath;
        Health = health;
    }

    /// <summary>What pools are given: their Deployments start nothing here, and an address with a password would not be put into one.</summary>
    public const string NodeRabbit = "amqp://rabbitmq";

    /// <summary>Where <c>/healthz</c>, <c>/readyz</c> and <c>/metrics</c> are.</summary>
    public Uri Health { get; }

    /// <summary>Where it answers questions about cars.</summary>
    public Uri Inquiries { get; private init; } = null!;

    /// <summary>For the message of a test that fails.</summary>
    public string Log => File.ReadAllText(_logPath);

    /// <summary>Starts it; does not wait until it is ready.</summary>
    public static async Task<OperatorProcess> StartAsync(string kubeconfig, string redis, string rabbit, string @namespace, string listUrls = "")
    {
        int port = FreePort.Next();
        int inquiries = FreePort.Next();
        string log = Path.GetTempFileName();
        Dictionary<string, string?> environment = new()
        {
            ["KUBECONFIG"] = kubeconfig,
            [OperatorEnvironment.Redis] = redis,
            [OperatorEnvironment.RabbitMq] = rabbit,
            [OperatorEnvironment.NodeRabbitMq] = NodeRabbit,
            [OperatorEnvironment.BindAddress] = "127.0.0.1",
            [OperatorEnvironment.HealthPort] = $"{port}",
            [OperatorEnvironment.InquiryPort] = $"{inquiries}",
            [OperatorEnvironment.Namespace] = @namespace,
            [OperatorEnvironment.PodNamespace] = @namespace,
            [OperatorEnvironment.ListUrls] = listUrls,
        };
        string assembly = Path.Combine(AppContext.BaseDirectory, "PushPlatform.Operator.dll");
        ChildProcess process = await ChildProcess.StartAsync(new ChildProcessSpec("dotnet", [assembly], log, environment));
        return new OperatorProcess(process, log, new Uri($"http://127.0.0.1:{port}")) { Inquiries = new Uri($"http://127.0.0.1:{inquiries}") };
    }

    /// <summary>SIGKILL: no finalizer, no released lease, nothing flushed.</summary>
    public Task KillAsync() => _process.KillAsync();

    public async ValueTask DisposeAsync()
    {
        await _process.DisposeAsync();
        File.Delete(_logPath);
    }
}
