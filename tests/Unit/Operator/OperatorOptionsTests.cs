using PushPlatform.Delivery.Telemetry;
using PushPlatform.Operator.Hosting;
using Shouldly;
using Xunit;

namespace PushPlatform.Tests.Unit.Operator;

public sealed class OperatorOptionsTests
{
    private readonly Dictionary<string, string> _environment = new()
    {
        [OperatorEnvironment.Redis] = "redis:6379",
        [OperatorEnvironment.RabbitMq] = "amqp://rabbit",
    };

    private readonly List<string> _faults = [];

    [Fact]
    public void Read_OnlyWhatIsRequired_FillsInTheRest()
    {
        OperatorOptions options = Read()!;

        (options.HealthPort, options.BindAddress, options.Namespace).ShouldBe((8081, "0.0.0.0", null));
        options.Nodes.Redis.Text.ShouldBe("redis:6379");
        options.Nodes.RabbitMq.Text.ShouldBe("amqp://rabbit");
    }

    [Fact]
    public void Read_WhereTelemetryGoes_IsHandedOnToNodes_ButNoNamesAndNoHeaders()
    {
        _environment["OTEL_EXPORTER_OTLP_ENDPOINT"] = "http://collector:4317";
        _environment["OTEL_TRACES_SAMPLER"] = "traceidratio";
        _environment["PUSH_LOG_FORMAT"] = "text";
        _environment["OTEL_SERVICE_NAME"] = "mine";
        _environment["OTEL_EXPORTER_OTLP_HEADERS"] = "authorization=hush";

        OperatorOptions options = Read()!;

        options.Nodes.Environment.Select(pair => $"{pair.Key}={pair.Value}")
            .ShouldBe(["OTEL_EXPORTER_OTLP_ENDPOINT=http://collector:4317", "OTEL_TRACES_SAMPLER=traceidratio", "PUSH_LOG_FORMAT=text"]);
        (options.Telemetry.Traces, options.Telemetry.Metrics, options.LogFormat).ShouldBe((true, true, LogFormat.Text));
    }

    [Theory]
    [InlineData("PUSH_LOG_FORMAT", "yaml")]
    [InlineData("OTEL_EXPORTER_OTLP_METRICS_ENDPOINT", "collector")]
    public void Read_FaultyTelemetry_IsNamed(string name, string value)
    {
        _environment[name] = value;

        Read().ShouldBeNull();

        _faults.ShouldHaveSingleItem().ShouldContain(name);
    }

    [Fact]
    public void Read_EverythingWrong_NamesAllAtOnce()
    {
        _environment.Clear();
        _environment[OperatorEnvironment.RabbitMq] = "http://rabbit";
        _environment[OperatorEnvironment.HealthPort] = "70000";
        _environment[OperatorEnvironment.BindAddress] = "everywhere";
        _environment[OperatorEnvironment.NodeRedisSecret] = "redis";
        _environment[OperatorEnvironment.NodeRabbitMq] = "amqp://user:hush:hush@rabbit";

        Read().ShouldBeNull();

        _faults.Count.ShouldBe(6);
        _faults.ShouldAllBe(fault => !fault.Contains("hush"), "it is a secret");
        string[] names =
        [
            OperatorEnvironment.Redis, OperatorEnvironment.RabbitMq, OperatorEnvironment.HealthPort, OperatorEnvironment.BindAddress,
            OperatorEnvironment.NodeRedisSecret, OperatorEnvironment.NodeRabbitMq,
        ];
        foreach (string name in names)
        {
            _faults.ShouldContain(fault => fault.StartsWith(name));
        }
    }

    [Theory]
    [InlineData(OperatorEnvironment.Redis, "redis:6379,pasword=hidden")]
    [InlineData(OperatorEnvironment.NodeRedis, "redis://hidden@host")]
    [InlineData(OperatorEnvironment.NodeRabbitMq, "rabbit:hidden")]
    public void Read_AServerThatIsNotUnderstood_IsNamedAndNotRepeated(string name, string value)
    {
        _environment[name] = value;

        Read().ShouldBeNull();

        _faults.ShouldHaveSingleItem().ShouldStartWith(name);
        _faults[0].ShouldNotContain("hidden");
    }

    [Fact]
    public void Read_NodesHaveTheirAddressesInASecret_TheyAreNotInPlainText()
    {
        _environment[OperatorEnvironment.Redis] = "redis:6379,password=hush";
        _environment[OperatorEnvironment.NodeRedisSecret] = "redis/url";
        OperatorOptions options = Read()!;

        options.Nodes.Redis.Text.ShouldBeNull();
        (options.Nodes.Redis.Secret!.Name, options.Nodes.Redis.Secret.Key).ShouldBe(("redis", "url"));
    }

    private OperatorOptions? Read() => OperatorOptions.Read(_environment.GetValueOrDefault, _faults);
}
