namespace PushPlatform.PushNode.Protocol;

/// <summary>How a vehicle, and a device of it, may be named (PROTOCOL.md §1).</summary>
internal static class VehicleId
{
    private const int MaxLength = 64;

    public static bool IsValid(ReadOnlySpan<char> name)
    {
        if (name.Length is 0 or > MaxLength || !char.IsAsciiLetterOrDigit(name[0]))
        {
            return false;
        }

        foreach (char c in name)
        {
            if (!char.IsAsciiLetterOrDigit(c) && c is not ('.' or '_' or ':' or '-'))
            {
                return false;
            }
        }

        return true;
    }
}
