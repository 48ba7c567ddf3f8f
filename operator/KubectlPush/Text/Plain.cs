namespace PushPlatform.KubectlPush.Text;

/// <summary>What others wrote, as text: a car's label must not move somebody's cursor, or write into the title of their window.</summary>
internal static class Plain
{
    /// <summary>One line without control characters.</summary>
    public static string Line(string text) =>
        text.Any(char.IsControl) ? string.Concat(text.Select(static letter => char.IsControl(letter) ? '\uFFFD' : letter)) : text;
}
