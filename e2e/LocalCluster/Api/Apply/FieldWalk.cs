using System.Text.Json.Nodes;
using PushPlatform.LocalCluster.Api.Schemas;

namespace PushPlatform.LocalCluster.Api.Apply;

/// <summary>Between an object and the paths of its fields, by its schema: where maps and keyed lists open up and what is one leaf.</summary>
internal static class FieldWalk
{
    // The server writes these itself; nobody owns them.
    private static readonly string[] ServerFields =
        ["name", "namespace", "uid", "resourceVersion", "generation", "creationTimestamp", "managedFields", "deletionTimestamp", "deletionGracePeriodSeconds", "selfLink", "generateName"];

    /// <summary>All fields of an object that can have an owner.</summary>
    public static FieldTree Of(JsonObject value, Schema schema)
    {
        FieldTree tree = new();
        Collect(value, schema, tree);
        tree.IsMember = false;
        tree.Drop("f:apiVersion");
        tree.Drop("f:kind");
        if (tree.Find("f:metadata") is { } metadata)
        {
            metadata.IsMember = false;
            foreach (string name in ServerFields)
            {
                metadata.Drop("f:" + name);
            }
            if (metadata.IsEmpty)
            {
                tree.Drop("f:metadata");
            }
        }
        return tree;
    }

    /// <summary>The parts of a value: (step, schema, value); empty for a leaf.</summary>
    public static IEnumerable<(string Step, Schema Schema, JsonNode? Value)> Parts(JsonNode? value, Schema schema) => value switch
    {
        JsonObject members when !schema.IsAtomicMap => members.Select(member => ("f:" + member.Key, schema.Member(member.Key) ?? Schema.Anything, member.Value)),
        JsonArray items when schema.ListType == ListType.Map => items.Select(item => (KeyStep(item, schema), schema.Items ?? Schema.Anything, (JsonNode?)item)),
        JsonArray items when schema.ListType == ListType.Set => items.Select(item => ("v:" + item!.ToJsonString(), Schema.Anything, (JsonNode?)item)),
        _ => [],
    };

    /// <summary>The part that a step names, with its schema; null when the object has none.</summary>
    public static (JsonNode? Value, Schema Schema)? Find(JsonNode? value, Schema schema, IEnumerable<string> path)
    {
        foreach (string step in path)
        {
            (string Step, Schema Schema, JsonNode? Value) part = Parts(value, schema).FirstOrDefault(part => part.Step == step);
            if (part.Step is null)
            {
                return null;
            }
            (value, schema) = (part.Value, part.Schema);
        }
        return (value, schema);
    }

    /// <summary>A path as a user reads it: <c>.spec.ports[name="web"].port</c>.</summary>
    public static string Display(IEnumerable<string> path) => string.Concat(path.Select(step => step[0] switch
    {
        'f' => "." + step[2..],
        'k' => "[" + string.Join(",", JsonNode.Parse(step[2..]).Members().Select(key => $"{key.Key}={key.Value?.ToJsonString()}")) + "]",
        _ => "[=" + step[2..] + "]",
    }));

    private static void Collect(JsonNode? value, Schema schema, FieldTree tree)
    {
        bool isItem = schema.ListType == ListType.Map && value is JsonArray;
        bool hasParts = false;
        foreach ((string step, Schema partSchema, JsonNode? part) in Parts(value, schema))
        {
            hasParts = true;
            FieldTree child = tree.At(step);
            Collect(part, partSchema, child);
            // An item of a keyed list is owned itself, so that it goes when its owner no longer lists it.
            child.IsMember |= isItem;
        }
        tree.IsMember |= !hasParts;
    }

    private static string KeyStep(JsonNode? item, Schema list)
    {
        JsonObject key = [];
        foreach (string name in list.ListKeys.Order(StringComparer.Ordinal))
        {
            // An absent key counts with its default; ports are TCP where nobody says otherwise.
            JsonNode? part = item.At(name) ?? list.Items?.Properties.GetValueOrDefault(name)?.Default ?? (name == "protocol" ? "TCP" : null);
            if (part is not null)
            {
                key[name] = part.DeepClone();
            }
        }
        return "k:" + key.ToJsonString();
    }
}
