using System.CommandLine;
using PushPlatform.KubectlPush.Cluster;
using PushPlatform.KubectlPush.Text;

namespace PushPlatform.KubectlPush.Verbs;

/// <summary>What every verb has in common: which cluster, how to print, and how it ends when something is wrong.</summary>
internal sealed class Invocation(PushTerminal terminal, TimeProvider time)
{
    private const string Json = "json";

    private readonly Option<string?> _kubeconfig = new("--kubeconfig") { Description = "The kubeconfig to use. Default: $KUBECONFIG, else ~/.kube/config.", HelpName = "file", Recursive = true };
    private readonly Option<string?> _context = new("--context") { Description = "The context of the kubeconfig to use. Default: its current one.", HelpName = "name", Recursive = true };
    private readonly Option<string?> _namespace = new("--namespace", "-n") { Description = "Default: the context's.", HelpName = "name", Recursive = true };
    private readonly Option<string> _output =
        new Option<string>("--output", "-o") { Description = "text for people, json for programs.", HelpName = "text|json", Recursive = true, DefaultValueFactory = static _ => "text" }.AcceptOnlyFromAmong("text", Json);

    public IReadOnlyList<Option> Options => [_kubeconfig, _context, _namespace, _output];

    /// <summary>Runs a verb, and says what is wrong and what to do where it cannot end well.</summary>
    public async Task<int> RunAsync(ParseResult parsed, Func<Session, CancellationToken, Task<int>> verb, CancellationToken cancellationToken)
    {
        Uri? host = null;
        try
        {
            using ClusterApi api = ClusterApi.Open(new ClusterOptions(parsed.GetValue(_kubeconfig), parsed.GetValue(_context), parsed.GetValue(_namespace)), time);
            host = api.Host;
            return await verb(new Session(api, terminal, time, parsed.GetValue(_output) == Json), cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return ExitCodes.Interrupted;
        }
        catch (Exception exception) when (Failures.Explain(exception, host) is { } refusal)
        {
            await terminal.Error.WriteLineAsync($"error: {refusal.Message}");
            if (refusal.Hint is { } hint)
            {
                await terminal.Error.WriteLineAsync(hint);
            }
            return refusal.ExitCode;
        }
    }
}

/// <summary>One verb at work.</summary>
internal sealed record Session(ClusterApi Api, PushTerminal Terminal, TimeProvider Time, bool Json)
{
    public DateTimeOffset Now => Time.GetUtcNow();

    public Task SayAsync(string line) => Terminal.Out.WriteLineAsync(Plain.Line(line));

    /// <summary>What is no answer to what was asked for.</summary>
    public Task RemarkAsync(string line) => Terminal.Error.WriteLineAsync(Plain.Line(line));
}
