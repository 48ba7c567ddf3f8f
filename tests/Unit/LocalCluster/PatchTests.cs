using System.Text.Json.Nodes;
using PushPlatform.LocalCluster.Api;
using PushPlatform.LocalCluster.Api.Http;
using PushPlatform.LocalCluster.Api.Patching;
using PushPlatform.LocalCluster.Api.Resources;
using Shouldly;
using Xunit;
using static PushPlatform.Tests.Unit.LocalCluster.Objects;

namespace PushPlatform.Tests.Unit.LocalCluster;

public sealed class PatchTests
{
    [Theory]
    [InlineData("{a: b}", "{a: c}", "{a: c}")]
    [InlineData("{a: b, b: c}", "{a: null}", "{b: c}")]
    [InlineData("{a: {x: 1, y: 2}}", "{a: {y: 3, z: {q: null}}}", "{a: {x: 1, y: 3, z: {}}}")]
    [InlineData("{a: [1, 2]}", "{a: [3]}", "{a: [3]}")]
    [InlineData("{a: 1}", "{a: {b: 2}}", "{a: {b: 2}}")]
    public void MergePatch_Rfc7386_Holds(string target, string patch, string expected) =>
        MergePatch.Apply(Yaml(target), Yaml(patch)).ShouldBeYaml(expected);

    [Theory]
    [InlineData("[{op: add, path: /a/1, value: 9}]", "{a: [1, 9, 2], b: {c/d: x}}")]
    [InlineData("[{op: add, path: /a/-, value: 9}]", "{a: [1, 2, 9], b: {c/d: x}}")]
    [InlineData("[{op: remove, path: /a/0}]", "{a: [2], b: {c/d: x}}")]
    [InlineData("[{op: replace, path: /b/c~1d, value: y}]", "{a: [1, 2], b: {c/d: y}}")]
    [InlineData("[{op: move, from: /a, path: /z}]", "{b: {c/d: x}, z: [1, 2]}")]
    [InlineData("[{op: copy, from: /a/0, path: /z}]", "{a: [1, 2], b: {c/d: x}, z: 1}")]
    [InlineData("[{op: test, path: /a/0, value: 1}, {op: remove, path: /b}]", "{a: [1, 2]}")]
    public void JsonPatch_Rfc6902_Holds(string patch, string expected) =>
        JsonPatch.Apply(Yaml("{a: [1, 2], b: {c/d: x}}"), YamlJson.Parse(patch)).ShouldBeYaml(expected);

    [Theory]
    [InlineData("[{op: test, path: /a, value: 2}]")]
    [InlineData("[{op: remove, path: /b}]")]
    [InlineData("[{op: replace, path: /b, value: 2}]")]
    [InlineData("[{op: add, path: /b/c, value: 2}]")]
    public void JsonPatch_ThatDoesNotFit_IsRefused(string patch) =>
        Should.Throw<ApiException>(() => JsonPatch.Apply(Yaml("{a: 1}"), YamlJson.Parse(patch))).Code.ShouldBe(422);

    [Fact]
    public void StrategicMerge_OfContainers_MergesByKeyAndFollowsDirectives()
    {
        JsonObject deployment = Yaml("""
            spec:
              template:
                spec:
                  containers:
                  - {name: a, image: a:1, env: [{name: X, value: x}, {name: Y, value: y}]}
                  - {name: b, image: b:1}
            """);
        JsonObject patch = Yaml("""
            spec:
              template:
                spec:
                  $setElementOrder/containers: [{name: c}, {name: a}]
                  containers:
                  - {name: c, image: c:1}
                  - {name: a, image: a:2, env: [{name: X, $patch: delete}]}
                  - {name: b, $patch: delete}
            """);

        StrategicMerge.Apply(deployment, patch, BuiltInSchemas.Of("Deployment")).ShouldBeYaml("""
            spec:
              template:
                spec:
                  containers:
                  - {name: c, image: c:1}
                  - {name: a, image: a:2, env: [{name: Y, value: y}]}
            """);
    }

    [Fact]
    public void StrategicMerge_PrimitivesAndRetainKeys_AreHonoured()
    {
        JsonObject value = Yaml("{metadata: {finalizers: [a, b]}, spec: {strategy: {type: RollingUpdate, rollingUpdate: {maxSurge: 1}}}}");
        JsonObject patch = Yaml("{metadata: {$deleteFromPrimitiveList/finalizers: [a]}, spec: {strategy: {$retainKeys: [type], type: Recreate}}}");

        StrategicMerge.Apply(value, patch, BuiltInSchemas.Of("Deployment")).ShouldBeYaml("{metadata: {finalizers: [b]}, spec: {strategy: {type: Recreate}}}");
    }
}
