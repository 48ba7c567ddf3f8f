using PushPlatform.KubectlPush;
using PushPlatform.KubectlPush.Verbs;

namespace PushPlatform.Tests.Unit.KubectlPush;

/// <summary>The plugin as a person types it.</summary>
internal static class CommandLine
{
    /// <param name="arguments">What is typed behind <c>kubectl push</c>.</param>
    /// <param name="answer">What is typed when it asks; null: nobody sits there.</param>
    public static async Task<(int Code, string Out, string Error)> RunAsync(IReadOnlyList<string> arguments, string? answer = null)
    {
        using StringWriter output = new();
        using StringWriter error = new();
        using StringReader input = new(answer ?? "");
        int code = await PushCommand.InvokeAsync(arguments, new PushTerminal(output, error, input, CanAsk: answer is not null, CanRedraw: false), TimeProvider.System);
        return (code, output.ToString(), error.ToString());
    }
}
