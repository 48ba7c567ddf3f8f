using System.CommandLine;
using PushPlatform.KubectlPush.Cluster;

namespace PushPlatform.KubectlPush.Verbs;

/// <summary>Everything that somebody who helps will ask for, in one file.</summary>
internal static class ReportVerb
{
    public static Command Create(Invocation invocation)
    {
        Option<string?> file = new("--file", "-f") { Description = "Where to write it, a .tar.gz. Default: push-report-<namespace>-<time>.tar.gz here.", HelpName = "path" };
        Command command = new(
            "report",
            "Writes a support bundle: campaigns, pools, approvals, events, pods and the ends of their logs in the namespace and that of the operator, and what the operator says of itself. Secrets are never read, and what looks like one is taken out. What you may not read is left out and named. Lists of vids stay in: look through it before you hand it on.") { file };
        command.SetAction((parsed, cancellationToken) => invocation.RunAsync(parsed, (session, token) => WriteAsync(session, parsed.GetValue(file), token), cancellationToken));
        return command;
    }

    private static async Task<int> WriteAsync(Session session, string? file, CancellationToken cancellationToken)
    {
        string path = file ?? $"push-report-{session.Api.Namespace}-{session.Now:yyyyMMdd-HHmmss}.tar.gz";
        ReportSummary summary;
        await using (WholeFile whole = WholeFile.Create(path))
        {
            await using (ReportBundle bundle = new(whole.Stream, session.Now))
            {
                summary = await new ReportCollection(session.Api, bundle).CollectAsync(cancellationToken);
            }
            whole.Finish();
        }
        await SayAsync(session, path, summary);
        return ExitCodes.Done;
    }

    private static async Task SayAsync(Session session, string path, ReportSummary summary)
    {
        if (session.Json)
        {
            System.Text.Json.Nodes.JsonArray missing = [.. summary.Missing.Select(line => (System.Text.Json.Nodes.JsonNode?)line)];
            await session.SayAsync(new System.Text.Json.Nodes.JsonObject { ["file"] = path, ["entries"] = summary.Entries, ["missing"] = missing }.ToJsonString());
            return;
        }
        await session.SayAsync($"{path}: {summary.Entries} files");
        foreach (string line in summary.Missing)
        {
            await session.RemarkAsync($"not in it: {line}");
        }
    }
}
