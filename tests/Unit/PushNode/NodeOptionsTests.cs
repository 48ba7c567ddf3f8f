using PushPlatform.Delivery;
using PushPlatform.PushNode;
using Shouldly;
using Xunit;

namespace PushPlatform.Tests.Unit.PushNode;

public sealed class NodeOptionsTests
{
    private readonly Dictionary<string, string?> _environment = new()
    {
        [NodeEnvironment.Pool] = "push/default",
        [NodeEnvironment.Redis] = "redis:6379,password=hidden",
        [NodeEnvironment.RabbitMq] = "amqp://user:hidden@rabbit",
        [NodeEnvironment.Auth] = "None",
    };

    [Fact]
    public void Read_JustWhatIsRequired_HasTheDefaults()
    {
        NodeOptions options = Read(out IReadOnlyList<string> faults)!;

        faults.ShouldBeEmpty();
        options.Pool.ShouldBe(new PoolName("push", "default"));
        options.Name.ShouldNotBeEmpty();
        (options.VehiclePort, options.HealthPort).ShouldBe((8080, 8081));
        (options.HeartbeatInterval, options.HeartbeatTimeout).ShouldBe((TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(10)));
        options.HandshakesPerSecond.ShouldBe(2000);
        options.Drain.ShouldBe(TimeSpan.FromMinutes(1));
        options.Sessions.ShouldBe(SessionMode.Single);
    }

    [Fact]
    public void Read_Nothing_NamesAllThatIsRequired()
    {
        _environment.Clear();

        Read(out IReadOnlyList<string> faults).ShouldBeNull();

        foreach (string name in new[] { NodeEnvironment.Pool, NodeEnvironment.Redis, NodeEnvironment.RabbitMq, NodeEnvironment.Auth })
        {
            faults.ShouldContain($"{name} is required.");
        }
    }

    [Theory]
    [InlineData(NodeEnvironment.Pool, "default", "<namespace>/<name>")]
    [InlineData(NodeEnvironment.Redis, "redis://user:hidden@redis:6379", "host:port")]
    [InlineData(NodeEnvironment.Redis, "redis:6379,pasword=hidden", "host:port")]
    [InlineData(NodeEnvironment.RabbitMq, "http://user:hidden@rabbit", "amqp://")]
    [InlineData(NodeEnvironment.RabbitMq, "amqp://user:hidden:hidden@rabbit", "percent-encoded")]
    [InlineData(NodeEnvironment.Redis, "redis:port,password=hidden", "host:port")]
    [InlineData(NodeEnvironment.Redis, "redis://user:hidden@host", "host:port")]
    [InlineData(NodeEnvironment.Redis, "redis:70000", "host:port")]
    [InlineData(NodeEnvironment.Redis, "redis:6379,syncTimeout=soon", "host:port")]
    [InlineData(NodeEnvironment.Redis, "password=hidden", "host:port")]
    [InlineData(NodeEnvironment.BindAddress, "localhost", "IP address")]
    [InlineData(NodeEnvironment.VehiclePort, "65536", "from 0 to 65535")]
    [InlineData(NodeEnvironment.HealthPort, "8080", "both 8080")]
    [InlineData(NodeEnvironment.Auth, "none", "one of None, Token")]
    [InlineData(NodeEnvironment.Auth, "1", "one of None, Token")]
    [InlineData(NodeEnvironment.Auth, "Token", NodeEnvironment.AuthKeysFile + " is required")]
    [InlineData(NodeEnvironment.Sessions, "perDevice", "one of Single, PerDevice")]
    [InlineData(NodeEnvironment.Sessions, "1", "one of Single, PerDevice")]
    [InlineData(NodeEnvironment.HeartbeatIntervalSeconds, "0", "from 1 to 3600")]
    [InlineData(NodeEnvironment.HeartbeatTimeoutSeconds, "1.5", "whole number")]
    [InlineData(NodeEnvironment.HandshakesPerSecond, "-1", "from 1")]
    [InlineData(NodeEnvironment.DrainSeconds, "a minute", "whole number")]
    [InlineData("PUSH_LOG_FORMAT", "JSON", "one of json, text")]
    [InlineData("OTEL_EXPORTER_OTLP_ENDPOINT", "hidden:4317", "http://")]
    [InlineData("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "http://me:hidden@collector", "password")]
    [InlineData(NodeEnvironment.Roles, "head-unit,", "names with commas")]
    [InlineData(NodeEnvironment.Roles, "head-unit, driver-app", "names with commas")]
    [InlineData(NodeEnvironment.Roles, "a,b,c,d,e,f,g,h,i,j,k,l,m,n,o,p,q", "at most 16")]
    public void Read_OneFaultyValue_IsNamedWithWhatItMayBe(string name, string value, string expected)
    {
        _environment[name] = value;

        Read(out IReadOnlyList<string> faults).ShouldBeNull();

        faults.ShouldHaveSingleItem().ShouldContain(expected);
        faults[0].ShouldContain(name);
        faults[0].ShouldNotContain("hidden", Case.Sensitive, "it may be a secret");
    }

    [Fact]
    public void Read_Roles_AreThePoolsInOrder()
    {
        _environment[NodeEnvironment.Roles] = "head-unit,driver-app";

        Read(out _)!.Roles.ShouldBe(["head-unit", "driver-app"]);
    }

    [Theory]
    [InlineData("redis")]
    [InlineData("127.0.0.1:6379")]
    [InlineData("push_redis:6379")]
    [InlineData("redis-0.redis.push.svc:6379,redis-1.redis.push.svc:6379,password=a=b/c,ssl=true")]
    public void Read_RedisServers_AreUnderstood(string servers)
    {
        _environment[NodeEnvironment.Redis] = servers;

        Read(out IReadOnlyList<string> faults).ShouldNotBeNull(string.Join(", ", faults));
    }

    [Theory]
    [InlineData("Single", SessionMode.Single)]
    [InlineData("PerDevice", SessionMode.PerDevice)]
    public void Read_Sessions_AreThoseOfThePool(string value, SessionMode expected)
    {
        _environment[NodeEnvironment.Sessions] = value;

        Read(out _).ShouldNotBeNull().Sessions.ShouldBe(expected);
    }

    [Fact]
    public void Read_AKeyFileThatIsNotThere_IsNamedBeforeTheStart()
    {
        _environment[NodeEnvironment.Auth] = "Token";
        _environment[NodeEnvironment.AuthKeysFile] = "/does/not/exist";

        Read(out IReadOnlyList<string> faults).ShouldBeNull();

        faults.ShouldHaveSingleItem().ShouldContain("/does/not/exist cannot be read");
    }

    [Fact]
    public void Read_ACertificateThatIsNotThere_IsNamedBeforeTheStart()
    {
        _environment[NodeEnvironment.TlsFolder] = "/does/not/exist";

        Read(out IReadOnlyList<string> faults).ShouldBeNull();

        faults.ShouldHaveSingleItem().ShouldStartWith($"{NodeEnvironment.TlsFolder}: The certificate /does/not/exist/tls.crt cannot be read");
    }

    private NodeOptions? Read(out IReadOnlyList<string> faults) => NodeOptions.Read(name => _environment.GetValueOrDefault(name), out faults);
}
