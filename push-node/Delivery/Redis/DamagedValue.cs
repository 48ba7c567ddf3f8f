namespace PushPlatform.Delivery.Redis;

/// <summary>Tells an answer about what stands in Redis from one about the server, which says the same a moment later in other words: loading, moved, read-only.</summary>
internal static class DamagedValue
{
    private const string Script = "user_script";

    // A command in a script is refused with its own words; arithmetic on what is no number, with Lua's.
    private static readonly string[] Commands = ["WRONGTYPE", "hash value is not", "value is not an integer"];
    private static readonly string[] Lua = ["attempt to", "bad argument"];

    public static bool IsMeant(string answer) =>
        Array.Exists(Commands, answer.Contains) || (answer.Contains(Script) && Array.Exists(Lua, answer.Contains));
}
