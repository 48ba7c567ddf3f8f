using System.Text.Json.Nodes;
using PushPlatform.LocalCluster.Api.Schemas;
using Shouldly;
using Xunit;
using static PushPlatform.Tests.Unit.LocalCluster.Objects;

namespace PushPlatform.Tests.Unit.LocalCluster;

public sealed class SchemaTests
{
    private static readonly Schema Spec = Schema("""
        type: object
        required: [spec]
        properties:
          spec:
            type: object
            required: [name]
            properties:
              name: {type: string, pattern: '^[a-z]+$', minLength: 2, maxLength: 4}
              revision: {type: integer, minimum: 1, maximum: 9, default: 1}
              small: {type: integer, format: int32}
              share: {type: number, exclusiveMinimum: true, minimum: 0, multipleOf: 0.5}
              mode: {type: string, enum: [Ignore, Push]}
              port: {x-kubernetes-int-or-string: true}
              note: {type: string, nullable: true}
              at: {type: string, format: date-time}
              free: {type: object, x-kubernetes-preserve-unknown-fields: true}
              labels: {type: object, maxProperties: 2, additionalProperties: {type: string}}
              targets: {type: object, minProperties: 1, properties: {all: {type: boolean}}}
              tags: {type: array, minItems: 1, maxItems: 2, x-kubernetes-list-type: set, items: {type: string}}
              pace: {type: object, default: {}, properties: {rate: {type: integer, default: 100}}}
              steps:
                type: array
                x-kubernetes-list-type: map
                x-kubernetes-list-map-keys: [id]
                items: {type: object, required: [id], properties: {id: {type: integer}, weight: {type: integer, default: 5}}}
              shape:
                type: object
                properties: {circle: {type: object}, box: {type: object}}
                oneOf: [{required: [circle]}, {required: [box]}]
        """);

    [Theory]
    [InlineData("{}", "spec: Required value")]
    [InlineData("spec: {}", "spec.name: Required value")]
    [InlineData("spec: {name: A1}", "spec.name: Invalid value: \"A1\": spec.name in body should match '^[a-z]+$'")]
    [InlineData("spec: {name: a}", "spec.name: Invalid value: \"a\": spec.name in body should be at least 2 chars long")]
    [InlineData("spec: {name: abcde}", "spec.name: Too long: may not be more than 4 bytes")]
    [InlineData("spec: {name: 7}", "spec.name: Invalid value: \"integer\": spec.name in body must be of type string: \"integer\"")]
    [InlineData("spec: {name: ab, revision: 0}", "spec.revision: Invalid value: 0: spec.revision in body should be greater than or equal to 1")]
    [InlineData("spec: {name: ab, revision: 10}", "spec.revision: Invalid value: 10: spec.revision in body should be less than or equal to 9")]
    [InlineData("spec: {name: ab, small: 3000000000}", "spec.small: Invalid value: 3000000000: spec.small in body must be of type int32: \"3000000000\"")]
    [InlineData("spec: {name: ab, share: 0}", "spec.share: Invalid value: 0: spec.share in body should be greater than 0")]
    [InlineData("spec: {name: ab, share: 0.7}", "spec.share: Invalid value: 0.7: spec.share in body should be a multiple of 0.5")]
    [InlineData("spec: {name: ab, mode: Shout}", "spec.mode: Unsupported value: \"Shout\": supported values: \"Ignore\", \"Push\"")]
    [InlineData("spec: {name: ab, port: 1.5}", "spec.port: Invalid value: \"number\": spec.port in body must be of type integer,string: \"number\"")]
    [InlineData("spec: {name: ab, at: soon}", "spec.at: Invalid value: \"soon\": spec.at in body must be of type date-time: \"soon\"")]
    [InlineData("spec: {name: ab, labels: {a: x, b: y, c: z}}", "spec.labels: Too many: 3: must have at most 2 items")]
    [InlineData("spec: {name: ab, labels: {a: 1}}", "spec.labels.a: Invalid value: \"integer\": spec.labels.a in body must be of type string: \"integer\"")]
    [InlineData("spec: {name: ab, targets: {}}", "spec.targets: Invalid value: 0: spec.targets in body should have at least 1 properties")]
    [InlineData("spec: {name: ab, tags: [x, x]}", "spec.tags[1]: Duplicate value: \"x\"")]
    [InlineData("spec: {name: ab, tags: [x, y, z]}", "spec.tags: Too many: 3: must have at most 2 items")]
    [InlineData("spec: {name: ab, tags: []}", "spec.tags: Invalid value: 0: spec.tags in body should have at least 1 items")]
    [InlineData("spec: {name: ab, steps: [{id: 1}, {id: 1, weight: 2}]}", "spec.steps[1]: Duplicate value: {\"id\":1}")]
    [InlineData("spec: {name: ab, steps: [{weight: 2}]}", "spec.steps[0].id: Required value")]
    [InlineData("spec: {name: ab, shape: {}}", "spec.shape: Invalid value: {}: spec.shape in body must validate one and only one schema (oneOf)")]
    public void Faults_BadValue_AreNamedAsKubernetesNamesThem(string yaml, string expected) =>
        Validation.Faults(Yaml(yaml), Spec).ShouldHaveSingleItem().ToString().ShouldBe(expected);

    [Theory]
    [InlineData("spec: {name: ab}")]
    [InlineData("spec: {name: ab, note: null}")]
    [InlineData("spec: {name: ab, revision: null}")]
    [InlineData("spec: {name: ab, port: 8080}")]
    [InlineData("spec: {name: ab, port: http}")]
    [InlineData("spec: {name: ab, share: 2}")]
    [InlineData("spec: {name: ab, at: '2026-01-02T03:04:05Z', shape: {box: {}}}")]
    public void Faults_GoodValue_AreNone(string yaml) => Validation.Faults(Yaml(yaml), Spec).ShouldBeEmpty();

    [Fact]
    public void Faults_Several_AreAllNamed() => Validation.Faults(Yaml("spec: {revision: 0, mode: x}"), Spec).Count.ShouldBe(3);

    [Fact]
    public void Defaulting_MissingFields_AreFilledFromTheOutsideIn()
    {
        JsonObject value = Yaml("spec: {name: ab, steps: [{id: 1}, {id: 2, weight: 9}]}");

        Defaulting.Apply(value, Spec);

        value.ShouldBeYaml("spec: {name: ab, steps: [{id: 1, weight: 5}, {id: 2, weight: 9}], revision: 1, pace: {rate: 100}}");
    }

    [Fact]
    public void Pruning_UnknownFields_GoAndAreNamed()
    {
        JsonObject value = Yaml("spec: {name: ab, nam: x, free: {any: {thing: 1}}, labels: {a: b}, steps: [{id: 1, wait: 3}]}");

        IReadOnlyList<string> dropped = Pruning.Apply(value, Spec);

        dropped.ShouldBe(["spec.nam", "spec.steps[0].wait"]);
        value.ShouldBeYaml("spec: {name: ab, free: {any: {thing: 1}}, labels: {a: b}, steps: [{id: 1}]}");
    }
}
