namespace PushPlatform.Benchmarks.Report;

/// <summary>One line of what is to be reached, and whether it was.</summary>
/// <param name="Reached">Null: not judged in this run; <paramref name="Figures"/> says why.</param>
/// <param name="Value">What was found; null where it is no single number.</param>
/// <param name="Bound">What <paramref name="Value"/> is held against.</param>
internal sealed record Goal(string What, bool? Reached, string Figures, double? Value = null, double? Bound = null)
{
    /// <summary>Reached when <paramref name="value"/> is at most <paramref name="most"/>.</summary>
    public static Goal AtMost(string what, double value, double most, string unit = "") =>
        new(what, value <= most, $"{value:0.##}{unit}, to be ≤ {most:0.##}{unit}", value, most);

    /// <summary>Reached when <paramref name="value"/> is at least <paramref name="least"/>.</summary>
    public static Goal AtLeast(string what, double value, double least, string unit = "") =>
        new(what, value >= least, $"{value:0.##}{unit}, to be ≥ {least:0.##}{unit}", value, least);

    /// <summary>Of a ratio, where the other side may not have run.</summary>
    public static Goal Ratio(string what, double own, double? other, double most, string unit) => other is not { } than
        ? new Goal(what, null, $"{own:0.##}{unit}; nothing to compare with")
        : new Goal(what, own <= most * than, $"{own:0.##} / {than:0.##}{unit} = {own / than:0.##}, to be ≤ {most:0.##}", Finite(own / than), most);

    public override string ToString() => $"{(Reached switch { true => "reached", false => "missed", null => "not judged" })}  {What}: {Figures}";

    // JSON has no other numbers.
    private static double? Finite(double value) => double.IsFinite(value) ? value : null;
}
