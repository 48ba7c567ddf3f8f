using System.Globalization;
using System.Text;

namespace PushPlatform.Benchmarks.Report;

/// <summary>A table as people read it in a terminal and in Markdown.</summary>
internal sealed record Table(string Title, IReadOnlyList<string> Columns, IReadOnlyList<IReadOnlyList<string>> Rows)
{
    /// <summary>A number for a cell; "–" where there is none.</summary>
    public static string Cell(double? value, string format = "0.0") => value?.ToString(format, CultureInfo.InvariantCulture) ?? "–";

    public override string ToString()
    {
        int[] widths = [.. Columns.Select((column, i) => Rows.Select(row => row[i].Length).Append(column.Length).Max())];
        StringBuilder text = new();
        text.AppendLine(Title).AppendLine();
        Write(Columns);
        Write([.. widths.Select(width => new string('-', width))]);
        foreach (IReadOnlyList<string> row in Rows)
        {
            Write(row);
        }

        return text.ToString();

        void Write(IReadOnlyList<string> cells) =>
            text.Append("| ").AppendJoin(" | ", cells.Select((cell, i) => i == 0 ? cell.PadRight(widths[i]) : cell.PadLeft(widths[i]))).AppendLine(" |");
    }
}
