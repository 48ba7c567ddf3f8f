using System.CommandLine;

namespace PushPlatform.KubectlPush.Verbs;

/// <summary>The command line.</summary>
internal static class PushCommand
{
    private const string Description =
        """
        Campaigns of PushPlatform: see them, hold them, and ask who got what.

        Exit codes: 0 done; 1 refused, or it did not come about; 2 command line or kubeconfig cannot be used; 3 not found, or not for you;
        4 the API server, or the operator behind it, did not answer; 130 interrupted.
        """;

    public static async Task<int> InvokeAsync(IReadOnlyList<string> arguments, PushTerminal terminal, TimeProvider time, CancellationToken cancellationToken = default)
    {
        ParseResult parsed = Create(terminal, time).Parse(arguments);
        int code = await parsed.InvokeAsync(new InvocationConfiguration { Output = terminal.Out, Error = terminal.Error }, cancellationToken);
        return parsed.Errors.Count > 0 ? ExitCodes.Usage : code;
    }

    public static RootCommand Create(PushTerminal terminal, TimeProvider time)
    {
        Invocation invocation = new(terminal, time);
        RootCommand root = new(Description);
        foreach (Option option in invocation.Options)
        {
            root.Options.Add(option);
        }
        foreach (Command verb in (Command[])[
            StatusVerb.Create(invocation),
            PreviewVerb.Create(invocation),
            HoldVerbs.Pause(invocation),
            HoldVerbs.Resume(invocation),
            RetryVerb.Create(invocation),
            AbortVerb.Create(invocation),
            CancelVerb.Create(invocation),
            ApprovalVerbs.Approve(invocation),
            ApprovalVerbs.Deny(invocation),
            ApprovalVerbs.Promote(invocation),
            VehicleVerb.Create(invocation),
            ExportVerb.Create(invocation),
            ReportVerb.Create(invocation)])
        {
            root.Subcommands.Add(verb);
        }
        return root;
    }
}
