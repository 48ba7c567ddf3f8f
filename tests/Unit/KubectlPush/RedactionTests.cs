using System.Text.Json;
using PushPlatform.KubectlPush.Text;
using Shouldly;
using Xunit;

namespace PushPlatform.Tests.Unit.KubectlPush;

/// <summary>What a support bundle must not hold.</summary>
public sealed class RedactionTests
{
    private const string Token = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJzb21lYm9keSJ9.c2lnbmF0dXJl";

    [Theory]
    [InlineData("connecting to amqp://push:hunter2@mq:5672/", "hunter2", "mq:5672")]
    [InlineData("redis:6379,password=hunter2,ssl=true", "hunter2", "ssl=true")]
    [InlineData("""{"password":"hunter2","user":"push"}""", "hunter2", "push")]
    [InlineData("GET https://files.example.com/fix.bin?sig=hunter2&se=1", "hunter2", "files.example.com/fix.bin")]
    [InlineData($"Authorization: Bearer {Token}", Token, "Authorization")]
    [InlineData($"/ws/head-unit/{Token}", Token, "/ws/head-unit/")]
    [InlineData("Bearer opaque-hunter2", "hunter2", "Bearer")]
    public void Text_WithASecret_KeepsTheRest(string line, string secret, string kept)
    {
        string safe = Redaction.Text(line);

        safe.ShouldNotContain(secret);
        safe.ShouldContain(kept);
        safe.ShouldContain(Redaction.Mark);
    }

    [Theory]
    [InlineData("812 of 1000 delivered")]
    [InlineData("secretKeyRef: push-servers/redis")]
    [InlineData("https://files.example.com/fix.bin")]
    [InlineData("the token is missing")]
    public void Text_WithoutOne_StaysAsItIs(string line) => Redaction.Text(line).ShouldBe(line);

    [Theory]
    [InlineData("""{"name":"REDIS_PASSWORD","value":"hunter2"}""")]
    [InlineData("""{"name":"API_TOKEN","value":"hunter2"}""")]
    [InlineData("""{"spec":{"patch":{"data":{"apiKey":"hunter2"}}}}""")]
    [InlineData("""{"spec":{"patch":{"url":"https://files.example.com/fix.bin?sig=hunter2"}}}""")]
    [InlineData("""{"metadata":{"managedFields":[{"manager":"hunter2"}]}}""")]
    [InlineData("""{"metadata":{"annotations":{"kubectl.kubernetes.io/last-applied-configuration":"hunter2"}}}""")]
    public void Object_WithASecret_LosesIt(string json) => Of(json).ShouldNotContain("hunter2");

    [Theory]
    [InlineData("""{"secretKeyRef":{"name":"push-servers","key":"redis"}}""")]
    [InlineData("""{"tls":{"secretName":"push-tls"}}""")]
    [InlineData("""{"name":"POD_NAMESPACE","value":"fleet"}""")]
    [InlineData("""{"automountServiceAccountToken":false,"counts":[1,2.5,null,"a"]}""")]
    public void Object_WithoutOne_StaysAsItIs(string json) => Of(json).ShouldBe(json);

    private static string Of(string json) => Redaction.Of(JsonDocument.Parse(json).RootElement)!.ToJsonString();
}
