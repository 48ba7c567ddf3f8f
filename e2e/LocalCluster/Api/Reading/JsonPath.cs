using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace PushPlatform.LocalCluster.Api.Reading;

/// <summary>
/// The JSONPath of printer columns and scale paths: <c>.a.b</c>, <c>['a']</c>, <c>[0]</c>, <c>[*]</c>, <c>[?(@.type=="Ready")]</c>.
/// </summary>
internal sealed partial class JsonPath
{
    private readonly List<Func<JsonNode?, IEnumerable<JsonNode?>>> _steps = [];
    private readonly List<string?> _names = [];

    public JsonPath(string text)
    {
        foreach (Match match in StepPattern().Matches(text))
        {
            Add(match);
        }
    }

    public IEnumerable<JsonNode?> Find(JsonNode? root) =>
        _steps.Aggregate((IEnumerable<JsonNode?>)[root], (nodes, step) => nodes.SelectMany(step)).Where(node => node is not null);

    /// <summary>Writes the field at a path of plain names, making the objects on the way.</summary>
    public void Set(JsonObject root, JsonNode? value)
    {
        foreach (string? name in _names.SkipLast(1))
        {
            root = root.Child(name!);
        }
        root[_names[^1]!] = value;
    }

    private void Add(Match match)
    {
        if (match.Groups["filterPath"] is { Success: true } filter)
        {
            string[] path = filter.Value.Split('.', StringSplitOptions.RemoveEmptyEntries);
            string wanted = match.Groups["filterValue"].Value;
            _steps.Add(node => (node as JsonArray ?? []).Where(item => item.At(path)?.ToString() == wanted));
        }
        else if (match.Groups["index"] is { Success: true } index)
        {
            int at = int.Parse(index.Value);
            _steps.Add(node => node is JsonArray items && at < items.Count ? [items[at]] : []);
        }
        else if (match.Groups["all"].Success)
        {
            _steps.Add(node => node switch { JsonArray items => items, JsonObject members => members.Select(member => member.Value), _ => [] });
        }
        else
        {
            string name = (match.Groups["name"].Success ? match.Groups["name"] : match.Groups["quoted"]).Value.Replace("\\.", ".");
            _names.Add(name);
            _steps.Add(node => [(node as JsonObject)?[name]]);
        }
    }

    [GeneratedRegex("""\[\?\(\s*@\.(?<filterPath>[\w.]+)\s*==\s*["'](?<filterValue>[^"']*)["']\s*\)\]|\[(?<index>\d+)\]|(?<all>\[\*\]|\.\*)|\['(?<quoted>[^']+)'\]|\.(?<name>(?:\\\.|[\w/-])+)""", RegexOptions.ExplicitCapture)]
    private static partial Regex StepPattern();
}
