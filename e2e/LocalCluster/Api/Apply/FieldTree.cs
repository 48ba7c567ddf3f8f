using System.Text.Json.Nodes;

namespace PushPlatform.LocalCluster.Api.Apply;

/// <summary>
/// A set of field paths, as one manager owns them (<c>fieldsV1</c>). Steps are written as on the wire: <c>f:name</c> for a member,
/// <c>k:{…}</c> for an item of a keyed list, <c>v:…</c> for a value of a set.
/// </summary>
internal sealed class FieldTree
{
    private readonly SortedDictionary<string, FieldTree> _children = new(StringComparer.Ordinal);

    /// <summary>True when the path that ends here is in the set itself.</summary>
    public bool IsMember { get; set; }

    public bool IsEmpty => !IsMember && _children.Count == 0;

    public IEnumerable<KeyValuePair<string, FieldTree>> Children => _children;

    public FieldTree? Find(string step) => _children.GetValueOrDefault(step);

    public FieldTree At(string step)
    {
        if (!_children.TryGetValue(step, out FieldTree? child))
        {
            _children[step] = child = new FieldTree();
        }
        return child;
    }

    public void Drop(string step) => _children.Remove(step);

    public FieldTree Union(FieldTree other)
    {
        FieldTree result = new() { IsMember = IsMember || other.IsMember };
        foreach (string step in _children.Keys.Union(other._children.Keys))
        {
            FieldTree empty = new();
            result._children[step] = (Find(step) ?? empty).Union(other.Find(step) ?? empty);
        }
        return result;
    }

    /// <summary>The paths of this set that are not in the other.</summary>
    public FieldTree Except(FieldTree other)
    {
        FieldTree result = new() { IsMember = IsMember && !other.IsMember };
        foreach ((string step, FieldTree child) in _children)
        {
            FieldTree rest = other.Find(step) is { } removed ? child.Except(removed) : child;
            if (!rest.IsEmpty)
            {
                result._children[step] = rest;
            }
        }
        return result;
    }

    public FieldTree Intersect(FieldTree other)
    {
        FieldTree result = new() { IsMember = IsMember && other.IsMember };
        foreach ((string step, FieldTree child) in _children)
        {
            if (other.Find(step) is { } shared && child.Intersect(shared) is { IsEmpty: false } both)
            {
                result._children[step] = both;
            }
        }
        return result;
    }

    /// <summary>Every path in the set, as its steps.</summary>
    public IEnumerable<IReadOnlyList<string>> Paths() => Paths([]);

    public JsonObject ToFieldsV1()
    {
        JsonObject result = [];
        if (IsMember && _children.Count > 0)
        {
            result["."] = new JsonObject();
        }
        foreach ((string step, FieldTree child) in _children)
        {
            result[step] = child.ToFieldsV1();
        }
        return result;
    }

    public static FieldTree FromFieldsV1(JsonNode? fields)
    {
        FieldTree result = new();
        JsonObject members = fields as JsonObject ?? [];
        foreach ((string step, JsonNode? child) in members)
        {
            if (step != ".")
            {
                result._children[step] = FromFieldsV1(child);
            }
        }
        result.IsMember = members.Count == 0 || members.ContainsKey(".");
        return result;
    }

    private IEnumerable<IReadOnlyList<string>> Paths(IReadOnlyList<string> prefix)
    {
        if (IsMember)
        {
            yield return prefix;
        }
        foreach ((string step, FieldTree child) in _children)
        {
            foreach (IReadOnlyList<string> path in child.Paths([.. prefix, step]))
            {
                yield return path;
            }
        }
    }
}
