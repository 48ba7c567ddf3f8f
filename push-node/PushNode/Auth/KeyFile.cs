using Microsoft.Extensions.Logging;
using PushPlatform.PushNode.Lifecycle;
using PushPlatform.PushNode.Telemetry;

namespace PushPlatform.PushNode.Auth;

/// <summary>The file of the keys that tokens are verified with.</summary>
/// <exception cref="InvalidDataException">The file cannot be used: a node does not start without keys.</exception>
internal sealed class KeyFile(string path, TimeProvider time, LoopPulses pulses, ILogger<KeyFile> logger) : ReloadedFile<KeySet>(
    "keys",
    (out string content) => ReadText(path, "key file", out content),
    (string content, out KeySet? keys) => Parse(path, content, out keys),
    time,
    pulses,
    logger)
{
    public KeySet Keys => Value;

    /// <summary>Null when the file can be used; otherwise why not.</summary>
    public static string? Inspect(string path) => ReadText(path, "key file", out string content) ?? Parse(path, content, out _);

    private static string? Parse(string path, string content, out KeySet? keys) =>
        KeySet.TryParse(content, out keys, out string? reason) ? null : $"The key file {path} cannot be used: {reason}";
}
