using System.Security.Cryptography;
using System.Text;

namespace PushPlatform.Delivery.Redis;

/// <summary>One atomic operation, kept as <c>Scripts/name.lua</c>. Files that begin with <c>_</c> are preludes that others begin with.</summary>
internal sealed class RedisScript
{
    private RedisScript(string text)
    {
        Text = text;
#pragma warning disable CA5350 // Redis names scripts by their SHA-1; nothing is protected by it.
        Hash = SHA1.HashData(Encoding.UTF8.GetBytes(text));
#pragma warning restore CA5350
    }

    public string Text { get; }

    /// <summary>What EVALSHA calls it by.</summary>
    public byte[] Hash { get; }

    public static RedisScript Load(string name) => new(Read(name));

    /// <summary>A script that begins with a prelude.</summary>
    public static RedisScript LoadAfter(string prelude, string name) => new(Read(prelude) + Read(name));

    private static string Read(string name)
    {
        string resource = $"{typeof(RedisScript).Namespace}.Scripts.{name}.lua";
        using Stream stream = typeof(RedisScript).Assembly.GetManifestResourceStream(resource)
            ?? throw new InvalidOperationException($"{resource} is not embedded.");
        using StreamReader reader = new(stream);
        return reader.ReadToEnd();
    }
}
