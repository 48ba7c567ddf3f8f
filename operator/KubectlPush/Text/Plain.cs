using System.Text.RegularExpressions;

namespace PushPlatform.KubectlPush.Text;

/// <summary>What others wrote, as it is shown here.</summary>
internal static partial class Plain
{
    /// <summary>
    /// One line without control characters: a car's label must not move somebody's cursor, or write into the title of their window. What the operator gives to paste where
    /// there is nothing but kubectl becomes the verb that does the same.
    /// </summary>
    public static string Line(string text)
    {
        string words = Recipe().Replace(text, static recipe => $"kubectl push {Verb(recipe.Groups["verb"].Value, recipe.Groups["name"].Value)}");
        return words.Any(char.IsControl) ? string.Concat(words.Select(static letter => char.IsControl(letter) ? '\uFFFD' : letter)) : words;
    }

    private static string Verb(string verb, string campaign) => verb == "PromoteAll" ? $"promote {campaign} --all" : $"{verb.ToLowerInvariant()} {campaign}";

    [GeneratedRegex("""echo "\{apiVersion: [^"]*, kind: PushCampaignApproval, [^"]*campaignRef: \{name: (?<name>[-.a-z0-9]+)\}, verb: (?<verb>[A-Za-z]+), [^"]*" \| kubectl create -f -""")]
    private static partial Regex Recipe();
}
