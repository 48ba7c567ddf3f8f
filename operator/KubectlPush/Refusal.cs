namespace PushPlatform.KubectlPush;

/// <summary>Ends a verb: what is wrong, and what to do about it.</summary>
/// <param name="message">What is wrong, in a sentence.</param>
/// <param name="hint">What to do; null where the message says it.</param>
/// <param name="exitCode">One of <see cref="ExitCodes"/>.</param>
internal sealed class Refusal(string message, string? hint = null, int exitCode = ExitCodes.Failed) : Exception(message)
{
    public string? Hint { get; } = hint;

    public int ExitCode { get; } = exitCode;
}
