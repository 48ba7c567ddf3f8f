using Spectre.Console;

namespace PushPlatform.KubectlPush;

/// <summary>Where a verb reads and writes.</summary>
/// <param name="Out">What was asked for; nothing else, so that it can be piped.</param>
/// <param name="Error">What a person is told beside it.</param>
/// <param name="In">Answers to questions.</param>
/// <param name="CanAsk">Somebody sits there to answer.</param>
/// <param name="CanRedraw"><paramref name="Out"/> is a terminal whose lines can be drawn again.</param>
internal sealed record PushTerminal(TextWriter Out, TextWriter Error, TextReader In, bool CanAsk, bool CanRedraw)
{
    /// <summary>Wide enough for every column when nobody's window is the limit.</summary>
    private const int UnlimitedWidth = 240;

    public static PushTerminal OfThisProcess() =>
        new(Console.Out, Console.Error, Console.In, !Console.IsInputRedirected && !Console.IsErrorRedirected, !Console.IsOutputRedirected);

    /// <summary>Tables and live pictures on <see cref="Out"/>; without colours and escapes where it is no terminal.</summary>
    public IAnsiConsole Drawing()
    {
        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Out = new AnsiConsoleOutput(Out),
            Ansi = CanRedraw ? AnsiSupport.Detect : AnsiSupport.No,
            ColorSystem = CanRedraw ? ColorSystemSupport.Detect : ColorSystemSupport.NoColors,
            Interactive = CanRedraw ? InteractionSupport.Detect : InteractionSupport.No,
        });
        if (!CanRedraw)
        {
            console.Profile.Width = UnlimitedWidth;
        }
        return console;
    }
}
