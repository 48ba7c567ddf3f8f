using PushPlatform.LocalCluster.Api;
using PushPlatform.LocalCluster.Api.Reading;
using Shouldly;
using Xunit;
using static PushPlatform.Tests.Unit.LocalCluster.Objects;

namespace PushPlatform.Tests.Unit.LocalCluster;

public sealed class SelectorTests
{
    [Theory]
    [InlineData("", true)]
    [InlineData("model=x7", true)]
    [InlineData("model==x7,area!=north", true)]
    [InlineData("model=x8", false)]
    [InlineData("area!=south", false)]
    [InlineData("model in (x6, x7)", true)]
    [InlineData("model notin (x6,x7)", false)]
    [InlineData("color notin (red)", true)]
    [InlineData("model", true)]
    [InlineData("!model", false)]
    [InlineData("!color,app.kubernetes.io/name=push", true)]
    public void LabelSelector_Matches_AsKubernetesDoes(string selector, bool expected) =>
        LabelSelector.Parse(selector).Matches(Yaml("metadata: {labels: {model: x7, area: south, app.kubernetes.io/name: push}}")).ShouldBe(expected);

    [Fact]
    public void LabelSelector_Malformed_IsRefused() => Should.Throw<ApiException>(() => LabelSelector.Parse("a in x")).Code.ShouldBe(400);

    [Theory]
    [InlineData("metadata.name=a", true)]
    [InlineData("metadata.name=a,involvedObject.kind!=Pod", true)]
    [InlineData("metadata.name!=a", false)]
    [InlineData("involvedObject.uid=", true)]
    [InlineData("count=3", true)]
    public void FieldSelector_Matches_ScalarFields(string selector, bool expected) =>
        FieldSelector.Parse(selector).Matches(Yaml("{metadata: {name: a}, involvedObject: {kind: PushCampaign}, count: 3}")).ShouldBe(expected);

    [Theory]
    [InlineData(".spec.replicas", "3")]
    [InlineData(".status.conditions[?(@.type==\"Ready\")].status", "True")]
    [InlineData(".spec.parts[1].name", "b")]
    [InlineData(".spec.parts[*].name", "a,b")]
    [InlineData(".metadata.annotations['a.b/c']", "x")]
    [InlineData(".spec.absent.deep", "")]
    public void JsonPath_Finds_WhatColumnsName(string path, string expected) =>
        string.Join(',', new JsonPath(path).Find(Yaml("""
            metadata: {annotations: {a.b/c: x}}
            spec: {replicas: 3, parts: [{name: a}, {name: b}]}
            status: {conditions: [{type: Stalled, status: 'False'}, {type: Ready, status: 'True'}]}
            """))).ShouldBe(expected);

    [Theory]
    [InlineData(0, "0s")]
    [InlineData(119, "119s")]
    [InlineData(150, "2m30s")]
    [InlineData(3600, "60m")]
    [InlineData(4 * 3600 + 300, "4h5m")]
    [InlineData(40 * 3600, "40h")]
    [InlineData(50 * 3600, "2d2h")]
    [InlineData(100 * 86400, "100d")]
    [InlineData(800 * 86400, "2y70d")]
    public void HumanDuration_Formats_AsKubectlDoes(long seconds, string expected) =>
        HumanDuration.Format(TimeSpan.FromSeconds(seconds)).ShouldBe(expected);
}
