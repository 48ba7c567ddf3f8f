using System.Text.Json.Nodes;
using PushPlatform.LocalCluster.Api;
using PushPlatform.LocalCluster.Api.Apply;
using PushPlatform.LocalCluster.Api.Schemas;
using Shouldly;
using Xunit;
using static PushPlatform.Tests.Unit.LocalCluster.Objects;

namespace PushPlatform.Tests.Unit.LocalCluster;

public sealed class ServerSideApplyTests
{
    private static readonly Schema Known = Schema("""
        type: object
        properties:
          spec:
            type: object
            properties:
              color: {type: string}
              size: {type: integer}
              whole: {type: object, x-kubernetes-map-type: atomic, x-kubernetes-preserve-unknown-fields: true}
              list: {type: array, items: {type: string}}
              tags: {type: array, x-kubernetes-list-type: set, items: {type: string}}
              parts:
                type: array
                x-kubernetes-list-type: map
                x-kubernetes-list-map-keys: [name]
                items: {type: object, properties: {name: {type: string}, weight: {type: integer}}}
        """);

    private JsonObject _live = [];

    [Fact]
    public void Apply_FieldNoLongerListed_IsRemoved()
    {
        Apply("me", "spec: {color: red, size: 1}");
        Apply("me", "spec: {color: red}");

        _live["spec"].ShouldBeYaml("{color: red}");
    }

    [Fact]
    public void Apply_FieldNoLongerListedButHeldByAnother_Stays()
    {
        Apply("me", "spec: {color: red, size: 1}");
        Apply("other", "spec: {size: 1}");
        Apply("me", "spec: {color: red}");

        _live["spec"].ShouldBeYaml("{color: red, size: 1}");
    }

    [Fact]
    public void Apply_OtherValueOfAnothersField_IsAConflictAndChangesHandsWhenForced()
    {
        Apply("me", "spec: {color: red, size: 1}");

        Conflicts("other", "spec: {color: blue}").ShouldBe(["me .spec.color"]);
        Apply("other", "spec: {color: blue}", force: true);
        Apply("me", "spec: {size: 1}");

        _live["spec"].ShouldBeYaml("{color: blue, size: 1}");
    }

    [Fact]
    public void Apply_AtomicParts_AreReplacedWhole()
    {
        Apply("me", "spec: {list: [a, b], whole: {a: 1, b: 2}}");
        Apply("me", "spec: {list: [c], whole: {c: 3}}");

        _live["spec"].ShouldBeYaml("{list: [c], whole: {c: 3}}");
    }

    [Fact]
    public void Apply_KeyedListsAndSets_AreSharedItemByItem()
    {
        Apply("me", "spec: {parts: [{name: a, weight: 1}, {name: b}], tags: [x]}");
        Apply("other", "spec: {parts: [{name: c, weight: 3}], tags: [y]}");
        Conflicts("other", "spec: {parts: [{name: a, weight: 9}]}").ShouldBe(["me .spec.parts[name=\"a\"].weight"]);
        Apply("me", "spec: {parts: [{name: a}]}");

        _live["spec"].ShouldBeYaml("{parts: [{name: a}, {name: c, weight: 3}], tags: [y]}");
    }

    [Fact]
    public void Update_OfAnAppliedField_TakesItFromItsOwner()
    {
        Apply("me", "spec: {color: red, size: 1}");
        JsonObject next = _live.Copy();
        next["spec"]!["color"] = "blue";
        ManagedFields.AfterUpdate(_live, next, Known, new ManagerId("editor", ManagedFields.UpdateOperation, ""), "v1", "now");
        _live = next;

        Conflicts("me", "spec: {color: red, size: 1}").ShouldBe(["editor .spec.color"]);
        Apply("me", "spec: {size: 1}");
        _live["spec"].ShouldBeYaml("{color: blue, size: 1}");
    }

    [Fact]
    public void Apply_TheSameAgain_ChangesNothing()
    {
        Apply("me", "spec: {color: red, parts: [{name: a}]}", now: "then");
        JsonObject before = _live;
        Apply("me", "spec: {color: red, parts: [{name: a}]}", now: "later");

        JsonNode.DeepEquals(before, _live).ShouldBeTrue();
    }

    [Fact]
    public void FieldsV1_WrittenAndRead_AreTheSameSet()
    {
        Apply("me", "spec: {color: red, tags: [x], parts: [{name: a, weight: 1}]}");

        JsonNode fields = _live.At("metadata", "managedFields")![0]!["fieldsV1"]!;
        fields.ShouldBeYaml("""{f:spec: {f:color: {}, f:tags: {'v:"x"': {}}, f:parts: {'k:{"name":"a"}': {.: {}, f:name: {}, f:weight: {}}}}}""");
        JsonNode.DeepEquals(FieldTree.FromFieldsV1(fields).ToFieldsV1(), fields).ShouldBeTrue();
    }

    private void Apply(string manager, string yaml, bool force = false, string now = "now")
    {
        _live = ServerSideApply.Apply(_live, Yaml(yaml), Known, new ManagerId(manager, ManagedFields.ApplyOperation, ""), "v1", force, now, out IReadOnlyList<ApplyConflict> conflicts);
        conflicts.ShouldBeEmpty();
    }

    private IEnumerable<string> Conflicts(string manager, string yaml)
    {
        ServerSideApply.Apply(_live, Yaml(yaml), Known, new ManagerId(manager, ManagedFields.ApplyOperation, ""), "v1", force: false, "now", out IReadOnlyList<ApplyConflict> conflicts);
        return conflicts.Select(conflict => $"{conflict.Owner.Name} {conflict.Field}");
    }
}
