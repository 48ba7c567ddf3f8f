using System.Text.Json.Nodes;

namespace PushPlatform.LocalCluster.Api.Patching;

/// <summary>JSON Patch, RFC 6902. Any operation that does not fit refuses the whole patch.</summary>
internal static class JsonPatch
{
    /// <exception cref="ApiException">400 for a malformed patch, 422 for one that does not fit the object.</exception>
    public static JsonNode? Apply(JsonNode target, JsonNode? patch)
    {
        if (patch is not JsonArray operations)
        {
            throw ApiException.BadRequest("a JSON patch is an array of operations");
        }
        JsonNode? result = target.DeepClone();
        foreach (JsonNode? operation in operations)
        {
            result = ApplyOne(result, operation);
        }
        return result;
    }

    private static JsonNode? ApplyOne(JsonNode? root, JsonNode? operation)
    {
        string[] path = Pointer(operation.Text("path"));
        switch (operation.Text("op"))
        {
            case "add":
                return Add(root, path, operation.At("value")?.DeepClone());
            case "remove":
                return Remove(root, path);
            case "replace":
                return Add(Remove(root, path), path, operation.At("value")?.DeepClone());
            case "copy":
                return Add(root, path, Get(root, Pointer(operation.Text("from")))?.DeepClone());
            case "move":
                string[] from = Pointer(operation.Text("from"));
                JsonNode? moved = Get(root, from)?.DeepClone();
                return Add(Remove(root, from), path, moved);
            case "test":
                return JsonNode.DeepEquals(Get(root, path), operation.At("value")) ? root : throw DoesNotFit($"testing value {operation.Text("path")} failed");
            case var unknown:
                throw ApiException.BadRequest($"unexpected kind: {unknown}");
        }
    }

    private static string[] Pointer(string? text)
    {
        if (text is null || (text.Length > 0 && text[0] != '/'))
        {
            throw ApiException.BadRequest($"not a JSON pointer: {text}");
        }
        return text.Length == 0 ? [] : [.. text[1..].Split('/').Select(part => part.Replace("~1", "/").Replace("~0", "~"))];
    }

    private static JsonNode? Get(JsonNode? root, ReadOnlySpan<string> path)
    {
        foreach (string step in path)
        {
            root = root switch
            {
                JsonObject members when members.TryGetPropertyValue(step, out JsonNode? member) => member,
                JsonArray items => items[Index(items, step, items.Count - 1)],
                _ => throw Missing(step),
            };
        }
        return root;
    }

    private static JsonNode? Add(JsonNode? root, string[] path, JsonNode? value)
    {
        if (path.Length == 0)
        {
            return value;
        }
        switch (Get(root, path.AsSpan(..^1)))
        {
            case JsonObject members:
                members[path[^1]] = value;
                return root;
            case JsonArray items:
                items.Insert(path[^1] == "-" ? items.Count : Index(items, path[^1], items.Count), value);
                return root;
            default:
                throw Missing(path[^1]);
        }
    }

    private static JsonNode? Remove(JsonNode? root, string[] path)
    {
        if (path.Length == 0)
        {
            return null;
        }
        switch (Get(root, path.AsSpan(..^1)))
        {
            case JsonObject members when members.Remove(path[^1]):
                return root;
            case JsonArray items:
                items.RemoveAt(Index(items, path[^1], items.Count - 1));
                return root;
            default:
                throw Missing(path[^1]);
        }
    }

    private static int Index(JsonArray items, string step, int last) =>
        int.TryParse(step, out int index) && index >= 0 && index <= last ? index : throw DoesNotFit($"index {step} is outside an array of {items.Count}");

    private static ApiException Missing(string step) => DoesNotFit($"nothing at {step}");

    private static ApiException DoesNotFit(string why) => new(422, "Invalid", $"the server rejected our request due to an error in our request: {why}");
}
