namespace PushPlatform.Operator.Campaigns.Lists;

/// <summary>
/// Where lists of vids may be fetched from. Whoever may write a campaign makes the operator send a request from inside the cluster: it goes nowhere but
/// below the addresses that the installation names, and nowhere at all where it names none.
/// </summary>
/// <param name="Prefixes">Each ends in a slash, so that it ends with a whole part of a path.</param>
internal sealed record ListUrls(IReadOnlyList<Uri> Prefixes)
{
    public static readonly ListUrls None = new([]);

    public const string Form = "addresses that begin with http:// or https:// and end in /, with spaces between them";

    /// <summary>Reads the setting; adds a sentence to <paramref name="faults"/> for each address that is none.</summary>
    public static ListUrls Read(string name, string? text, List<string> faults)
    {
        List<Uri> prefixes = [];
        foreach (string word in (text ?? "").Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            if (Parse(word) is { Query: "" } prefix && prefix.AbsolutePath.EndsWith('/'))
            {
                prefixes.Add(prefix);
            }
            else
            {
                faults.Add($"{name} holds {Form}, not '{word}'");
            }
        }
        return new ListUrls(prefixes);
    }

    /// <summary>The address to ask; null where it is not allowed.</summary>
    public Uri? Allowed(string url) =>
        Parse(url) is { } parsed && Prefixes.Any(prefix => IsBelow(parsed, prefix)) ? parsed : null;

    // Uri has taken out dots and dot-dots; what a server might yet take for a slash or for dots is refused, and so is a name and password.
    private static Uri? Parse(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out Uri? uri)
        && (uri.Scheme == Uri.UriSchemeHttp || uri.Scheme == Uri.UriSchemeHttps)
        && uri.UserInfo.Length == 0 && uri.Fragment.Length == 0
        && !new[] { "%2f", "%5c", "%2e", "\\" }.Any(hidden => uri.AbsolutePath.Contains(hidden, StringComparison.OrdinalIgnoreCase))
            ? uri
            : null;

    private static bool IsBelow(Uri uri, Uri prefix) =>
        uri.Scheme == prefix.Scheme
        && string.Equals(uri.IdnHost, prefix.IdnHost, StringComparison.OrdinalIgnoreCase)
        && uri.Port == prefix.Port
        && uri.AbsolutePath.StartsWith(prefix.AbsolutePath, StringComparison.Ordinal);
}
