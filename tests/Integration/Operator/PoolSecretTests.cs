using System.Text.Json.Nodes;
using PushPlatform.Tests.Integration.Delivery;
using PushPlatform.Tests.Integration.PushNode.Orders;
using Shouldly;
using Xunit;

namespace PushPlatform.Tests.Integration.Operator;

/// <summary>A pool whose Secrets are not there yet says which, and goes on by itself.</summary>
public sealed class PoolSecretTests(SingleRedis redis) : IClassFixture<SingleRedis>, IAsyncLifetime
{
    private OperatorStage _stage = null!;

    public async ValueTask InitializeAsync() => _stage = await OperatorStage.StartAsync(redis);

    public ValueTask DisposeAsync() => _stage.DisposeAsync();

    [Theory]
    [InlineData("""{"redisSecretRef":{"name":"wanted"}}""", "spec.redisSecretRef", "url")]
    [InlineData("""{"rabbitmqSecretRef":{"name":"wanted"}}""", "spec.rabbitmqSecretRef", "url")]
    [InlineData("""{"auth":{"type":"Token","token":{"keysSecretRef":{"name":"wanted"}}}}""", "spec.auth.token.keysSecretRef", "keys.json")]
    [InlineData("""{"tls":{"secretName":"wanted"}}""", "spec.tls", "tls.key")]
    public async Task ASecretIsMissing_ThenLacksItsKey_EachIsNamed_AndItGoesOnWhenItAppears(string spec, string field, string key)
    {
        await _stage.StartOperatorAsync();
        await _stage.CreatePoolAsync();
        await _stage.PatchPoolAsync($$"""{"spec":{{spec}}}""");
        await UntilReadyAsync("SecretNotFound", $"{field}: there is no Secret wanted");
        await TestPool.UntilAsync(async () => (await _stage.EventNotesAsync("SecretNotFound")).Count > 0, "an event says so");
        (await _stage.EventNotesAsync("SecretNotFound"))[0].ShouldStartWith("Warning: ");

        await _stage.CreateSecretAsync("wanted", "other");
        await UntilReadyAsync("SecretNotFound", $"no key {key}");

        await _stage.PatchSecretAsync("wanted", """{"data":{"url":"eA==","keys.json":"eA==","tls.crt":"eA==","tls.key":"eA=="}}""");
        await UntilReadyAsync("Progressing", "push nodes are ready");
    }

    private async Task UntilReadyAsync(string reason, string message)
    {
        JsonNode? last = null;
        await TestPool.UntilAsync(
            async () =>
            {
                last = (await _stage.PoolAsync())?["status"]?["conditions"]?.AsArray().SingleOrDefault(condition => (string?)condition!["type"] == "Ready");
                return (string?)last?["reason"] == reason && ((string?)last["message"])!.Contains(message, StringComparison.Ordinal);
            },
            $"{reason}: {message}");
        ((string?)last!["status"]).ShouldBe("False");
    }
}
