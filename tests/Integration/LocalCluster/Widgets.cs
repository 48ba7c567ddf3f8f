namespace PushPlatform.Tests.Integration.LocalCluster;

/// <summary>A custom resource of the tests' own, and objects of it.</summary>
internal static class Widgets
{
    public const string Path = "/apis/example.test/v1/namespaces/default/widgets";

    public const string Definition = """
        apiVersion: apiextensions.k8s.io/v1
        kind: CustomResourceDefinition
        metadata: {name: widgets.example.test}
        spec:
          group: example.test
          scope: Namespaced
          names: {kind: Widget, plural: widgets, shortNames: [wd], categories: [push]}
          versions:
          - name: v1
            served: true
            storage: true
            subresources:
              status: {}
              scale: {specReplicasPath: .spec.replicas, statusReplicasPath: .status.replicas, labelSelectorPath: .status.selector}
            additionalPrinterColumns:
            - {name: Color, type: string, jsonPath: .spec.color}
            - {name: Phase, type: string, jsonPath: .status.phase}
            - {name: Age, type: date, jsonPath: .metadata.creationTimestamp}
            schema:
              openAPIV3Schema:
                type: object
                description: A widget of the tests.
                required: [spec]
                properties:
                  spec:
                    type: object
                    required: [color]
                    properties:
                      color: {type: string, enum: [red, blue], description: What it looks like.}
                      size: {type: integer, minimum: 1}
                      replicas: {type: integer, minimum: 0, default: 1}
                      targets: {type: object, description: Who gets it., properties: {all: {type: boolean, description: Everybody.}}}
                  status:
                    type: object
                    properties:
                      phase: {type: string}
                      replicas: {type: integer}
                      selector: {type: string}
                      conditions:
                        type: array
                        x-kubernetes-list-type: map
                        x-kubernetes-list-map-keys: [type]
                        items: {type: object, properties: {type: {type: string}, status: {type: string}}}
        """;

    public static string Named(string name, string spec = "{color: red}", string metadata = "") => $"""
        apiVersion: example.test/v1
        kind: Widget
        metadata: {"{"}name: {name}{(metadata.Length == 0 ? "" : ", " + metadata)}{"}"}
        spec: {spec}
        """;
}
