using PushPlatform.Delivery;
using PushPlatform.Operator.Api.Validation;

namespace PushPlatform.Operator.Campaigns.Lists;

/// <summary>
/// Reads a list of vids as people keep it: one a line, or one <c>vid/device</c>; blank lines and lines that begin with <c>#</c> are skipped; LF or CRLF.
/// The text comes in pieces of any size; no more than one line is kept, and of a line that is too long only its beginning.
/// </summary>
/// <param name="name">How faults call the list.</param>
/// <param name="sessions">What the pool keeps apart; null while there is no pool.</param>
/// <param name="faults">Gets a sentence for each line that this pool cannot use, until it holds <see cref="MaxFaults"/>.</param>
/// <param name="take">Gets each vid.</param>
internal sealed class VidLines(string name, SessionMode? sessions, List<string> faults, Action<string> take)
{
    public const int MaxFaults = 5;

    private const int MaxLine = 256;
    private const int MaxShown = 40;

    private readonly char[] _line = new char[MaxLine];
    private int _length;
    private bool _tooLong;
    private int _number;

    public void Feed(ReadOnlySpan<char> text)
    {
        for (int end = text.IndexOf('\n'); end >= 0; end = text.IndexOf('\n'))
        {
            Keep(text[..end]);
            EndLine();
            text = text[(end + 1)..];
        }
        Keep(text);
    }

    /// <summary>The last line needs no line end.</summary>
    public void End() => EndLine();

    private void Keep(ReadOnlySpan<char> piece)
    {
        int room = MaxLine - _length;
        if (piece.Length > room)
        {
            _tooLong = true;
            piece = piece[..room];
        }
        piece.CopyTo(_line.AsSpan(_length));
        _length += piece.Length;
    }

    private void EndLine()
    {
        _number++;
        ReadOnlySpan<char> vid = _line.AsSpan(0, _length).Trim();
        if (vid.Length > 0 ? vid[0] != '#' : _tooLong)
        {
            Judge(vid);
        }
        _length = 0;
        _tooLong = false;
    }

    private void Judge(ReadOnlySpan<char> vid)
    {
        string? fault = _tooLong || !Forms.Unit.IsMatch(vid) ? $"is not {Forms.UnitInWords}"
            : sessions is SessionMode.Single && UnitId.NamesDevice(vid) ? $"names a device, {TargetRules.NoDevicesInWords}"
            : null;
        if (fault is null)
        {
            take(vid.ToString());
        }
        else if (faults.Count < MaxFaults)
        {
            faults.Add($"{name} line {_number}: '{Short(vid)}' {fault}");
        }
    }

    private static string Short(ReadOnlySpan<char> text) => text.Length <= MaxShown ? text.ToString() : string.Concat(text[..MaxShown], "…");
}
