using System.Net;
using PushPlatform.KubectlPush;
using PushPlatform.KubectlPush.Cluster;
using PushPlatform.Operator.Inquiry;
using Shouldly;
using Xunit;

namespace PushPlatform.Tests.Unit.Operator;

/// <summary>Where the operator says that it can be asked, and where the plugin asks then.</summary>
public sealed class InquiryAddressTests
{
    [Theory]
    [InlineData("push/operator:inquiries", "0.0.0.0", 8443, "service:push/operator:inquiries")]
    [InlineData(null, "127.0.0.3", 8443, "http://127.0.0.3:8443/")]
    [InlineData(null, "0.0.0.0", 8443, null)]
    [InlineData("push/operator:inquiries", "127.0.0.1", null, null)]
    public void Address_IsSaid_WhereSomebodyCanReachIt(string? service, string bind, int? port, string? address) =>
        InquiryAddress.Of(service, IPAddress.Parse(bind), port).ShouldBe(address);

    [Theory]
    [InlineData("push/operator:inquiries", true)]
    [InlineData("operator:inquiries", false)]
    [InlineData("push/operator", false)]
    [InlineData("push/operator:", false)]
    [InlineData("a/b/c:d", false)]
    public void Service_IsWrittenInOneForm(string service, bool good) => (InquiryAddress.Fault(service) is null).ShouldBe(good);

    [Fact]
    public void Service_IsReachedThroughTheApiServersProxy_Encrypted() => OperatorApi.ProxyPath(InquiryAddress.Of("push/operator:inquiries", IPAddress.Any, 8443)!)
        .ShouldBe("api/v1/namespaces/push/services/https:operator:inquiries/proxy");

    [Theory]
    [InlineData("service:push")]
    [InlineData("service:push/operator")]
    public void ProxyPath_OfNoAddress_IsRefused(string address) => Should.Throw<Refusal>(() => OperatorApi.ProxyPath(address)).Message.ShouldContain(address);
}
