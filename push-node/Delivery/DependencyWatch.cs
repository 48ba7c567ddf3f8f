using System.Globalization;

namespace PushPlatform.Delivery;

/// <summary>Whether a server that we depend on is well; if not, what is wrong, since when, and what to check, in one sentence that stays the same for as long as that does.</summary>
/// <param name="check">What a person looks at first, as an imperative.</param>
/// <param name="time">The clock of "since".</param>
public sealed class DependencyWatch(string check, TimeProvider time)
{
    private volatile Outage? _outage;

    /// <summary>Null while well; otherwise the sentence.</summary>
    public string? Fault => _outage?.Text;

    /// <summary>What was noted last.</summary>
    public string? What => _outage?.What;

    /// <summary>Notes what is wrong now, null for nothing.</summary>
    /// <returns>Whether it was well and is broken, or the other way round: what is worth a line in the log.</returns>
    public bool Note(string? what)
    {
        Outage? before = _outage;
        if (what is null)
        {
            _outage = null;
            return before is not null;
        }

        if (before?.What != what)
        {
            DateTimeOffset since = before?.Since ?? time.GetUtcNow();
            _outage = new Outage(what, since, string.Create(CultureInfo.InvariantCulture, $"{what}, since {since:yyyy-MM-ddTHH:mm:ssZ}; {check}"));
        }

        return before is null;
    }

    private sealed record Outage(string What, DateTimeOffset Since, string Text);
}
