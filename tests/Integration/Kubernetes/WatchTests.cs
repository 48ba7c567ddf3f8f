using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Http;
using PushPlatform.Kubernetes.Client;
using PushPlatform.Kubernetes.Configuration;
using PushPlatform.Kubernetes.Models;
using Shouldly;
using Xunit;

namespace PushPlatform.Tests.Integration.Kubernetes;

public sealed class WatchTests
{
    [Fact]
    public async Task Watch_ReadsEventsUntilTheServerEndsIt()
    {
        await using var server = await ScriptedApiServer.StartAsync(async context =>
        {
            await context.Response.WriteAsync("""{"type":"ADDED","object":{"metadata":{"name":"a","namespace":"ns","resourceVersion":"11"},"status":{"phase":"Pend""");
            await context.Response.Body.FlushAsync();
            await context.Response.WriteAsync("ing\"}}}\n\n{\"type\":\"NEWTYPE\",\"object\":{}}\n");
            await context.Response.WriteAsync("""{"type":"BOOKMARK","object":{"kind":"Pod","metadata":{"resourceVersion":"20"}}}""" + "\n");
            await context.Response.WriteAsync("""{"type":"DELETED","object":{"metadata":{"name":"a","namespace":"ns","resourceVersion":"21"}}}""" + "\n");
        });
        using var client = new KubernetesClient(server.Configuration);

        var seen = await client.WatchAsync<V1Pod>("10", "ns").ToListAsync();

        seen.Select(change => (change.Type, change.ResourceVersion, change.Key.Name, change.Entity?.Status?.Phase ?? "")).ShouldBe([
            (WatchEventType.Added, "11", "a", "Pending"),
            (WatchEventType.Bookmark, "20", "", ""),
            (WatchEventType.Deleted, "21", "a", "")]);
        var query = server.Requests.Single().PathAndQuery;
        query.ShouldContain("watch=true&allowWatchBookmarks=true&resourceVersion=10&timeoutSeconds=");
    }

    [Theory]
    [InlineData("""{"replicas":"many"}""")]
    [InlineData("deep")]
    public async Task Watch_ObjectThatDoesNotFit_ComesWithoutItAndTheWatchGoesOn(string spec)
    {
        await using var server = await ScriptedApiServer.StartAsync(context => context.Response.WriteAsync(
            $$$"""{"type":"MODIFIED","object":{"metadata":{"name":"bad","resourceVersion":"11"},"spec":{{{(spec == "deep" ? ScriptedApiServer.Deep : spec)}}}}}""" + "\n"
            + """{"type":"MODIFIED","object":{"metadata":{"name":"good","resourceVersion":"12"}}}""" + "\n"));
        using var client = new KubernetesClient(server.Configuration);

        var seen = await client.WatchAsync<V1Deployment>("10").ToListAsync();

        seen.Select(change => (change.Key.Name, change.Entity is null)).ShouldBe([("bad", true), ("good", false)]);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Watch_VersionTooOld_IsExpired(bool asEvent)
    {
        await using var server = await ScriptedApiServer.StartAsync(context => asEvent
            ? context.Response.WriteAsync("""{"type":"ERROR","object":{"kind":"Status","code":410,"reason":"Expired","message":"too old"}}""" + "\n")
            : KubernetesClientTests.Refuse(context, 410, "Expired"));
        using var client = new KubernetesClient(server.Configuration);

        var refusal = await Should.ThrowAsync<KubernetesException>(() => client.WatchAsync<V1Pod>("1").ToListAsync().AsTask());

        refusal.IsExpired.ShouldBeTrue();
    }

    [Fact]
    public async Task Watch_CutWithinAnEvent_IsABrokenConnection()
    {
        await using var server = await ScriptedApiServer.StartAsync(context => context.Response.WriteAsync("""{"type":"ADDED","obj"""));
        using var client = new KubernetesClient(server.Configuration);

        await Should.ThrowAsync<IOException>(() => client.WatchAsync<V1Pod>("1").ToListAsync().AsTask());
    }

    [Fact]
    public async Task Watch_HalfOpenConnection_IsGivenUpAfterTheIdleTimeout()
    {
        // A bare listener: it answers the head, and then the other end of the line is as good as unplugged.
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        using var client = new KubernetesClient(new KubernetesClientConfiguration
        {
            Host = new Uri($"http://{listener.LocalEndpoint}"),
            WatchIdleTimeout = TimeSpan.FromMilliseconds(300),
        });
        var watch = client.WatchAsync<V1Pod>("1").ToListAsync().AsTask();
        using var socket = await listener.AcceptSocketAsync();
        await socket.ReceiveAsync(new byte[4096]);
        await socket.SendAsync("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"u8.ToArray());

        var broken = await Should.ThrowAsync<IOException>(() => watch.WaitAsync(TimeSpan.FromSeconds(30)));

        broken.Message.ShouldContain("silent");
    }
}
