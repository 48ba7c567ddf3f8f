using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace PushPlatform.KubectlPush.Text;

/// <summary>Takes out of objects and logs what must not be handed on. Rather too much than too little: what is wanted after all can be asked for.</summary>
internal static partial class Redaction
{
    public const string Mark = "[redacted]";

    private static readonly string[] Dropped = ["managedFields", "kubectl.kubernetes.io/last-applied-configuration"];

    /// <summary>A copy without secrets, and without what only repeats the rest.</summary>
    public static JsonNode? Of(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Object => Object(element),
        JsonValueKind.Array => new JsonArray([.. element.EnumerateArray().Select(Of)]),
        JsonValueKind.String => JsonValue.Create(Text(element.GetString()!)),
        JsonValueKind.Null => null,
        _ => JsonNode.Parse(element.GetRawText()),
    };

    /// <summary>A text without passwords, tokens, and what signs an address.</summary>
    public static string Text(string text)
    {
        string safe = UserOfAddress().Replace(text, $"${{kept}}{Mark}@");
        safe = QueryOfAddress().Replace(safe, $"${{kept}}?{Mark}");
        safe = JsonWebToken().Replace(safe, Mark);
        safe = BearerToken().Replace(safe, $"${{kept}}{Mark}");
        return Assignment().Replace(safe, $"${{kept}}{Mark}");
    }

    private static JsonObject Object(JsonElement element)
    {
        JsonObject copy = [];
        // A variable's name tells what its value is.
        bool secret = element.TryGetProperty("name", out JsonElement name) && name.ValueKind == JsonValueKind.String && SecretName().IsMatch(name.GetString()!);
        foreach (JsonProperty member in element.EnumerateObject().Where(member => !Dropped.Contains(member.Name)))
        {
            bool hidden = member.Value.ValueKind == JsonValueKind.String && (SecretName().IsMatch(member.Name) || (secret && member.NameEquals("value")));
            copy[member.Name] = hidden ? Mark : Of(member.Value);
        }
        return copy;
    }

    // Names of members and variables. Not secretName, secretKeyRef and the like: they name a Secret.
    [GeneratedRegex("(password|passwd|passphrase|token|secret|api[-_]?key|credential|private[-_]?key|authorization)$", RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture)]
    private static partial Regex SecretName();

    // amqp://user:password@host
    [GeneratedRegex(@"(?<kept>\b[a-z][a-z0-9+.-]*://)[^/\s@""']+@", RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture)]
    private static partial Regex UserOfAddress();

    // A signed download address is a key to the file.
    [GeneratedRegex(@"(?<kept>\bhttps?://[^\s?""'<>]+)\?[^\s""'<>]+", RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture)]
    private static partial Regex QueryOfAddress();

    [GeneratedRegex(@"\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*")]
    private static partial Regex JsonWebToken();

    [GeneratedRegex(@"(?<kept>\bBearer\s+)[^\s""',]+", RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture)]
    private static partial Regex BearerToken();

    // password=…, as in the address of a Redis; "token": "…", as in a log.
    [GeneratedRegex(@"(?<kept>\b(?:password|passwd|token|secret|api[-_]?key)\\?""?\s*[=:]\s*\\?""?)[^\s,;""'\\&]+", RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture)]
    private static partial Regex Assignment();
}
