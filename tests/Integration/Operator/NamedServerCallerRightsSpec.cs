using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using PushPlatform.Kubernetes.Client;
using PushPlatform.Operator.Inquiry;
using PushPlatform.Tests.Integration.Kubernetes;
using Shouldly;
using Xunit;

namespace PushPlatform.Tests.Integration.Operator;

/// <summary>Who asks, and may they see it? On a real API server alone: LocalCluster knows neither users nor rights.</summary>
[Collection(typeof(NamedApiServerSpecs))]
public sealed class NamedServerCallerRightsSpec(NamedApiServer server)
{
    [Fact]
    public async Task Caller_IsWhomTheTokenIsFor_AndMayWhatARoleGrants()
    {
        string ns = await server.NewNamespaceAsync();
        using ApiTransport transport = server.NewTransport();
        foreach (string account in (string[])["seer", "stranger"])
        {
            await PostAsync(transport, $"api/v1/namespaces/{ns}/serviceaccounts", $$"""{"metadata": {"name": "{{account}}"} }""");
        }
        string roles = $"apis/rbac.authorization.k8s.io/v1/namespaces/{ns}";
        await PostAsync(transport, $"{roles}/roles", """{"metadata":{"name":"seers"},"rules":[{"apiGroups":["pushplatform.io"],"resources":["pushcampaigns/deliveries"],"verbs":["get"]}]}""");
        await PostAsync(transport, $"{roles}/rolebindings", """
            {"metadata":{"name":"seers"},"roleRef":{"apiGroup":"rbac.authorization.k8s.io","kind":"Role","name":"seers"},"subjects":[{"kind":"ServiceAccount","name":"seer"}]}
            """);
        using KubernetesClient client = new(server.Configuration, new KubernetesJson(ReviewJsonContext.Default));
        CallerRights rights = new(client);

        V1UserInfo seer = (await rights.WhoAsync(await TokenAsync(transport, ns, "seer"), CancellationToken.None)).ShouldNotBeNull();
        V1UserInfo stranger = (await rights.WhoAsync(await TokenAsync(transport, ns, "stranger"), CancellationToken.None)).ShouldNotBeNull();

        seer.Username.ShouldBe($"system:serviceaccount:{ns}:seer");
        (await rights.WhoAsync("made-up", CancellationToken.None)).ShouldBeNull();
        // RBAC learns of a new role through a watch of its own.
        await Eventually.HoldsAsync(() => rights.MayAsync(seer, InquiryRight.Deliveries(ns, "brakes"), CancellationToken.None));
        (await rights.MayAsync(seer, InquiryRight.Vehicles(ns, "default"), CancellationToken.None)).ShouldBeFalse();
        (await rights.MayAsync(seer, InquiryRight.Deliveries("default", "brakes"), CancellationToken.None)).ShouldBeFalse();
        (await rights.MayAsync(stranger, InquiryRight.Deliveries(ns, "brakes"), CancellationToken.None)).ShouldBeFalse();
    }

    private static async Task<string> TokenAsync(ApiTransport transport, string ns, string account) =>
        (await PostAsync(transport, $"api/v1/namespaces/{ns}/serviceaccounts/{account}/token", """{"apiVersion":"authentication.k8s.io/v1","kind":"TokenRequest","spec":{"expirationSeconds":600}}"""))
            ["status"]!["token"]!.GetValue<string>();

    private static async Task<JsonNode> PostAsync(ApiTransport transport, string path, string body)
    {
        using JsonDocument answer = await transport.SendAsync(HttpMethod.Post, path, new ApiContent(Encoding.UTF8.GetBytes(body), "application/json"), CancellationToken.None);
        return JsonNode.Parse(answer.RootElement.GetRawText())!;
    }
}
