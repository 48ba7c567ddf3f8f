using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace PushPlatform.LocalCluster.Api.Reading;

/// <summary>Label selectors in their query form: <c>a=b,c!=d,e in (x,y),f notin (z),g,!h</c>.</summary>
internal sealed partial class LabelSelector
{
    private readonly List<Func<JsonNode?, bool>> _requirements = [];

    /// <exception cref="ApiException">400: not a selector.</exception>
    public static LabelSelector Parse(string? text)
    {
        LabelSelector selector = new();
        foreach (string part in SplitOutsideParentheses(text ?? ""))
        {
            selector._requirements.Add(Requirement(part.Trim()));
        }
        return selector;
    }

    public bool Matches(JsonObject value) => MatchesLabels(value.At("metadata", "labels"));

    public bool MatchesLabels(JsonNode? labels) => _requirements.TrueForAll(requirement => requirement(labels));

    private static Func<JsonNode?, bool> Requirement(string text)
    {
        if (SetPattern().Match(text) is { Success: true } set)
        {
            HashSet<string> values = [.. set.Groups["values"].Value.Split(',', StringSplitOptions.TrimEntries)];
            string key = set.Groups["key"].Value;
            bool wanted = set.Groups["op"].Value == "in";
            return labels => labels.Text(key) is { } value ? values.Contains(value) == wanted : !wanted;
        }
        if (EqualityPattern().Match(text) is { Success: true } equality)
        {
            string key = equality.Groups["key"].Value;
            string wanted = equality.Groups["value"].Value;
            return equality.Groups["op"].Value == "!=" ? labels => labels.Text(key) != wanted : labels => labels.Text(key) == wanted;
        }
        if (ExistencePattern().Match(text) is { Success: true } existence)
        {
            string key = existence.Groups["key"].Value;
            return existence.Groups["not"].Length > 0 ? labels => labels.Text(key) is null : labels => labels.Text(key) is not null;
        }
        throw ApiException.BadRequest($"unable to parse requirement: {text}");
    }

    private static IEnumerable<string> SplitOutsideParentheses(string text)
    {
        int depth = 0;
        int start = 0;
        for (int i = 0; i <= text.Length; i++)
        {
            if (i == text.Length || (text[i] == ',' && depth == 0))
            {
                if (i > start)
                {
                    yield return text[start..i];
                }
                start = i + 1;
                continue;
            }
            depth += text[i] == '(' ? 1 : text[i] == ')' ? -1 : 0;
        }
    }

    [GeneratedRegex(@"^(?<key>[\w./-]+)\s+(?<op>in|notin)\s*\((?<values>[^)]*)\)$", RegexOptions.ExplicitCapture)]
    private static partial Regex SetPattern();

    [GeneratedRegex(@"^(?<key>[\w./-]+)\s*(?<op>==|=|!=)\s*(?<value>[\w.-]*)$", RegexOptions.ExplicitCapture)]
    private static partial Regex EqualityPattern();

    [GeneratedRegex(@"^(?<not>!?)\s*(?<key>[\w./-]+)$", RegexOptions.ExplicitCapture)]
    private static partial Regex ExistencePattern();
}

/// <summary>Field selectors: <c>path=value,path!=value</c> over any scalar field.</summary>
internal sealed class FieldSelector
{
    private readonly List<(string[] Path, string Value, bool Equal)> _requirements = [];

    /// <exception cref="ApiException">400: not a selector.</exception>
    public static FieldSelector Parse(string? text)
    {
        FieldSelector selector = new();
        foreach (string part in (text ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries))
        {
            bool differs = part.Contains("!=", StringComparison.Ordinal);
            string[] sides = part.Split(differs ? "!=" : part.Contains("==", StringComparison.Ordinal) ? "==" : "=", 2);
            if (sides.Length != 2)
            {
                throw ApiException.BadRequest($"invalid field selector: {part}");
            }
            selector._requirements.Add((sides[0].Split('.'), sides[1], !differs));
        }
        return selector;
    }

    public bool Matches(JsonObject value) =>
        _requirements.TrueForAll(wanted => (Field(value, wanted.Path) == wanted.Value) == wanted.Equal);

    // An absent field equals the empty string.
    private static string Field(JsonObject value, string[] path) => value.At(path) switch
    {
        JsonValue scalar => scalar.ToString(),
        _ => "",
    };
}
