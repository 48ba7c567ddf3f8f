using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using PushPlatform.Kubernetes.Client;
using PushPlatform.Kubernetes.Configuration;
using PushPlatform.Kubernetes.Models;
using Shouldly;
using Xunit;

namespace PushPlatform.Tests.Integration.Kubernetes;

public sealed class KubernetesClientTests
{
    private const string ConfigMap = """{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a","namespace":"ns","resourceVersion":"7","managedFields":[{}]},"data":{"k":"v"},"new":1}""";

    [Fact]
    public async Task Get_UnknownFields_AreSkipped()
    {
        await using var server = await ScriptedApiServer.StartAsync(context => context.Response.WriteAsync(ConfigMap));
        using var client = new KubernetesClient(server.Configuration);

        var found = await client.GetAsync<V1ConfigMap>("a", "ns");

        found.ShouldNotBeNull().Data.ShouldNotBeNull()["k"].ShouldBe("v");
        server.Requests.Single().PathAndQuery.ShouldBe("/api/v1/namespaces/ns/configmaps/a");
    }

    [Fact]
    public async Task Get_NotFound_IsNull()
    {
        await using var server = await ScriptedApiServer.StartAsync(context => Refuse(context, 404, "NotFound"));
        using var client = new KubernetesClient(server.Configuration);

        (await client.GetAsync<V1ConfigMap>("a", "ns")).ShouldBeNull();
        (await client.DeleteAsync<V1ConfigMap>("a", "ns")).ShouldBeFalse();
    }

    [Fact]
    public async Task Get_EmptyName_IsRefusedBeforeItReachesTheCollection()
    {
        await using var server = await ScriptedApiServer.StartAsync(context => context.Response.WriteAsync(ConfigMap));
        using var client = new KubernetesClient(server.Configuration);

        await Should.ThrowAsync<ArgumentException>(() => client.DeleteAsync<V1ConfigMap>("", "ns"));

        server.Requests.ShouldBeEmpty();
    }

    [Fact]
    public async Task Refusal_CarriesTheServersReasonCodeAndMessage()
    {
        await using var server = await ScriptedApiServer.StartAsync(context => Refuse(context, 409, "AlreadyExists"));
        using var client = new KubernetesClient(server.Configuration);

        var refusal = await Should.ThrowAsync<KubernetesException>(() => client.CreateAsync(new V1ConfigMap { Metadata = { Name = "a", NamespaceProperty = "ns" } }));

        refusal.Reason.ShouldBe("AlreadyExists");
        refusal.IsConflict.ShouldBeTrue();
        refusal.Message.ShouldContain("says the server");
        refusal.Message.ShouldContain("POST api/v1/namespaces/ns/configmaps");
    }

    [Fact]
    public async Task Refusal_ThatIsNotJson_IsQuoted()
    {
        await using var server = await ScriptedApiServer.StartAsync(context =>
        {
            context.Response.StatusCode = 502;
            return context.Response.WriteAsync("<html>bad gateway</html>");
        });
        using var client = new KubernetesClient(server.Configuration);

        var refusal = await Should.ThrowAsync<KubernetesException>(() => client.GetAsync<V1Pod>("a", "ns"));

        refusal.Message.ShouldContain("bad gateway");
    }

    [Theory]
    [InlineData(429)]
    [InlineData(503)]
    public async Task Send_ServerAsksToWait_IsRepeated(int code)
    {
        var asked = 0;
        await using var server = await ScriptedApiServer.StartAsync(context =>
        {
            if (Interlocked.Increment(ref asked) <= 2)
            {
                context.Response.Headers.RetryAfter = "0";
                return Refuse(context, code, "TooManyRequests");
            }

            return context.Response.WriteAsync(ConfigMap);
        });
        using var client = new KubernetesClient(server.Configuration);

        (await client.CreateAsync(new V1ConfigMap { Metadata = { Name = "a", NamespaceProperty = "ns" } })).Name().ShouldBe("a");

        server.Requests.Select(request => request.Body).Distinct().Count().ShouldBe(1);
        server.Requests.Count.ShouldBe(3);
    }

    [Fact]
    public async Task Send_ServerNeverLetsUsIn_EndsAsItsRefusalWithTheWait()
    {
        await using var server = await ScriptedApiServer.StartAsync(context =>
        {
            context.Response.Headers.RetryAfter = "0";
            return Refuse(context, 429, "TooManyRequests");
        });
        using var client = new KubernetesClient(server.Configuration);

        var refusal = await Should.ThrowAsync<KubernetesException>(() => client.GetAsync<V1Pod>("a", "ns"));

        refusal.RetryAfter.ShouldBe(TimeSpan.Zero);
    }

    [Fact]
    public async Task Send_ServerFallsSilent_EndsWithinTheRequestTimeout()
    {
        await using var server = await ScriptedApiServer.StartAsync(context => Task.Delay(Timeout.Infinite, context.RequestAborted));
        using var client = new KubernetesClient(new KubernetesClientConfiguration { Host = server.Address, RequestTimeout = TimeSpan.FromMilliseconds(200) });

        await Should.ThrowAsync<TimeoutException>(() => client.GetAsync<V1Pod>("a", "ns"));
    }

    [Fact]
    public async Task List_SeveralPages_AreOneListUnderTheVersionOfTheList()
    {
        await using var server = await ScriptedApiServer.StartAsync(context => context.Response.WriteAsync(context.Request.Query["continue"] == "more"
            ? """{"metadata":{"resourceVersion":"9"},"items":[{"metadata":{"name":"b"}}]}"""
            : """{"metadata":{"resourceVersion":"9","continue":"more"},"items":[{"metadata":{"name":"a"}}]}"""));
        using var client = new KubernetesClient(server.Configuration);

        var list = await client.ListAsync<V1Pod>("ns", labelSelector: "app in (x,y)");

        list.Items.Select(pod => pod.Name()).ShouldBe(["a", "b"]);
        list.ResourceVersion.ShouldBe("9");
        server.Requests.ShouldAllBe(request => request.PathAndQuery.Contains("limit=500") && request.PathAndQuery.Contains("labelSelector=app%20in%20%28x%2Cy%29"));
    }

    [Fact]
    public async Task List_ObjectThatDoesNotFit_IsNamedAndHidesNoOther()
    {
        await using var server = await ScriptedApiServer.StartAsync(context => context.Response.WriteAsync(
            $$$"""
            {"metadata":{"resourceVersion":"9"},"items":[
              {"metadata":{"name":"bad","namespace":"ns"},"spec":{"replicas":"many"}},
              {"metadata":{"name":"deep","namespace":"ns"},"spec":{{{ScriptedApiServer.Deep}}}},
              {"metadata":{"name":"good"},"spec":{"replicas":2}}]}
            """));
        using var client = new KubernetesClient(server.Configuration);

        var list = await client.ListAsync<V1Deployment>();

        list.Items.Single().Name().ShouldBe("good");
        list.Items.Single().Kind.ShouldBe("Deployment");
        list.Unreadable.ShouldBe([new NamespacedName("ns", "bad"), new NamespacedName("ns", "deep")]);
    }

    [Fact]
    public async Task Apply_SendsWhatIsSetAndNeverTheStatus()
    {
        await using var server = await ScriptedApiServer.StartAsync(context => context.Response.WriteAsync("""{"metadata":{"name":"d"}}"""));
        using var client = new KubernetesClient(server.Configuration);
        var deployment = new V1Deployment
        {
            Metadata = { Name = "d", NamespaceProperty = "ns" },
            Spec = new V1DeploymentSpec { Replicas = 2, Strategy = new V1DeploymentStrategy { RollingUpdate = new() { MaxSurge = "25%", MaxUnavailable = 0 } } },
            Status = new V1DeploymentStatus { Replicas = 1 },
        };

        await client.ApplyAsync(deployment, "me");

        var request = server.Requests.Single();
        request.Method.ShouldBe("PATCH");
        request.PathAndQuery.ShouldBe("/apis/apps/v1/namespaces/ns/deployments/d?fieldManager=me&force=true");
        request.Body.ShouldBe(
            """{"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"d","namespace":"ns"},"spec":{"replicas":2,"strategy":{"rollingUpdate":{"maxSurge":"25%","maxUnavailable":0}}}}""");
    }

    [Fact]
    public async Task UpdateStatus_SendsVersionAndStatusOnly()
    {
        await using var server = await ScriptedApiServer.StartAsync(context => context.Response.WriteAsync("""{"metadata":{"name":"d"}}"""));
        using var client = new KubernetesClient(server.Configuration);
        var deployment = new V1Deployment
        {
            Metadata = { Name = "d", NamespaceProperty = "ns", Uid = "u", ResourceVersion = "5", Labels = new() { ["a"] = "b" } },
            Spec = new V1DeploymentSpec { Replicas = 2 },
            Status = new V1DeploymentStatus { Replicas = 1 },
        };

        await client.UpdateStatusAsync(deployment, "me");

        var request = server.Requests.Single();
        request.PathAndQuery.ShouldBe("/apis/apps/v1/namespaces/ns/deployments/d/status?fieldManager=me");
        request.Body.ShouldBe("""[{"op":"add","path":"/metadata/resourceVersion","value":"5"},{"op":"add","path":"/status","value":{"replicas":1}}]""");
    }

    [Fact]
    public async Task Patch_And_Scale_NameTheirSubresource()
    {
        await using var server = await ScriptedApiServer.StartAsync(context => context.Response.WriteAsync("""{"metadata":{"name":"d"},"spec":{"replicas":3}}"""));
        using var client = new KubernetesClient(server.Configuration);

        await client.PatchAsync<V1Deployment>(V1Patch.Merge(new JsonObject { ["status"] = null }), "d", "ns", subresource: "status");
        (await client.PatchScaleAsync<V1Deployment>("d", "ns", 3)).Spec.ShouldNotBeNull().Replicas.ShouldBe(3);

        server.Requests.Select(request => (request.PathAndQuery, request.Body)).ShouldBe([
            ("/apis/apps/v1/namespaces/ns/deployments/d/status", """{"status":null}"""),
            ("/apis/apps/v1/namespaces/ns/deployments/d/scale", """{"spec":{"replicas":3}}""")]);
    }

    [Fact]
    public async Task Delete_SendsPropagationAndPreconditions()
    {
        await using var server = await ScriptedApiServer.StartAsync(context => context.Response.WriteAsync("{}"));
        using var client = new KubernetesClient(server.Configuration);

        (await client.DeleteAsync<V1Pod>("a", "ns", new V1DeleteOptions { PropagationPolicy = "Foreground", Preconditions = new() { Uid = "u" } })).ShouldBeTrue();

        server.Requests.Single().Body.ShouldBe("""{"apiVersion":"v1","kind":"DeleteOptions","propagationPolicy":"Foreground","preconditions":{"uid":"u"}}""");
    }

    [Theory]
    [InlineData(200, """{"resources":[{"name":"poddisruptionbudgets"},{"name":"poddisruptionbudgets/status"}]}""", true)]
    [InlineData(200, """{"resources":[{"name":"others"}]}""", false)]
    [InlineData(404, "{}", false)]
    public async Task Serves_AsksTheGroupOnce(int code, string answer, bool expected)
    {
        await using var server = await ScriptedApiServer.StartAsync(context =>
        {
            context.Response.StatusCode = code;
            return context.Response.WriteAsync(answer);
        });
        using var client = new KubernetesClient(server.Configuration);

        (await client.ServesAsync<V1PodDisruptionBudget>()).ShouldBe(expected);
        (await client.ServesAsync<V1PodDisruptionBudget>()).ShouldBe(expected);

        server.Requests.Single().PathAndQuery.ShouldBe("/apis/policy/v1");
    }

    internal static Task Refuse(HttpContext context, int code, string reason)
    {
        context.Response.StatusCode = code;
        return context.Response.WriteAsync(
            $$"""{"kind":"Status","status":"Failure","message":"says the server","reason":"{{reason}}","code":{{code}}}""");
    }
}
