using System.Text.Json.Nodes;
using PushPlatform.LocalCluster.Api.Reading;
using PushPlatform.LocalCluster.Api.Schemas;

namespace PushPlatform.LocalCluster.Api.Resources;

/// <summary>Where a resource's <c>scale</c> subresource finds its numbers.</summary>
internal sealed record ScalePaths(string SpecReplicas, string StatusReplicas, string? Selector);

/// <summary>One served version of a resource: all that the server needs to know about it.</summary>
internal sealed record ResourceKind
{
    /// <summary>Empty for the core group.</summary>
    public required string Group { get; init; }

    public required string Version { get; init; }

    public required string Kind { get; init; }

    public required string Plural { get; init; }

    public required string Singular { get; init; }

    public required bool Namespaced { get; init; }

    public string ListKind => Kind + "List";

    public IReadOnlyList<string> ShortNames { get; init; } = [];

    public IReadOnlyList<string> Categories { get; init; } = [];

    /// <summary>With a status subresource, writes to the object leave <c>status</c> alone, and the other way round.</summary>
    public bool HasStatus { get; init; }

    /// <summary>Kinds without a spec (ConfigMap, Lease's peers, Event) have no generation.</summary>
    public bool HasGeneration { get; init; }

    public ScalePaths? Scale { get; init; }

    public Schema Schema { get; init; } = Schema.Anything;

    public IReadOnlyList<TableColumn> Columns { get; init; } = [TableColumn.Name, TableColumn.Age];

    /// <summary>Resources that share objects (the two groups of events) share this.</summary>
    public required string Collection { get; init; }

    /// <summary>From this version's form to the stored form; in place.</summary>
    public Action<JsonObject>? ToStored { get; init; }

    /// <summary>From the stored form to this version's form; in place.</summary>
    public Action<JsonObject>? FromStored { get; init; }

    public string ApiVersion => Group.Length == 0 ? Version : $"{Group}/{Version}";

    /// <summary>Schema as the server's own code for built-in kinds would check it; a custom resource is checked by its schema alone.</summary>
    public bool IsCustom { get; init; }
}
