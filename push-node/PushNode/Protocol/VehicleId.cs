namespace PushPlatform.PushNode.Protocol;

/// <summary>How a vehicle may be named (PROTOCOL.md §1).</summary>
internal static class VehicleId
{
    private const int MaxLength = 64;

    public static bool IsValid(ReadOnlySpan<char> vid)
    {
        if (vid.Length is 0 or > MaxLength || !char.IsAsciiLetterOrDigit(vid[0]))
        {
            return false;
        }

        foreach (char c in vid)
        {
            if (!char.IsAsciiLetterOrDigit(c) && c is not ('.' or '_' or ':' or '-'))
            {
                return false;
            }
        }

        return true;
    }
}
