namespace PushPlatform.KubectlPush.Text;

/// <summary>Columns as wide as what is in them, as kubectl prints them.</summary>
internal static class TextTable
{
    private const string Gap = "   ";

    /// <param name="rows">The head first; all of the same length. The last column is not padded.</param>
    public static IEnumerable<string> Lines(IReadOnlyList<IReadOnlyList<string>> rows)
    {
        int[] widths = [.. Enumerable.Range(0, rows[0].Count).Select(column => rows.Max(row => row[column].Length))];
        return rows.Select(row => string.Join(Gap, row.Select((cell, column) => cell.PadRight(widths[column]))).TrimEnd());
    }
}
