using System.CommandLine;
using System.Text.Json.Nodes;
using PushPlatform.KubectlPush.Resources;
using PushPlatform.KubectlPush.Text;

namespace PushPlatform.KubectlPush.Verbs;

/// <summary>Tries cars again that have failed: one more round of <c>spec.retry</c>.</summary>
internal static class RetryVerb
{
    public static Command Create(Invocation invocation)
    {
        Argument<string> name = Arguments.Campaign();
        Option<string[]> codes = new("--code") { Description = "Only cars that failed or rejected with this code; may be given several times. NoAck: cars that stayed silent.", HelpName = "code" };
        Option<int> timeout = Arguments.Timeout("the operator's answer");
        Command command = new("retry", "Tries cars again that have failed, in the same revision and without touching the others. A campaign that has completed goes on, until it expires.") { name, codes, timeout };
        command.SetAction((parsed, cancellationToken) => invocation.RunAsync(
            parsed,
            (session, token) => RetryAsync(session, parsed.GetRequiredValue(name), parsed.GetValue(codes) ?? [], TimeSpan.FromSeconds(parsed.GetValue(timeout)), token),
            cancellationToken));
        return command;
    }

    private static async Task<int> RetryAsync(Session session, string name, string[] codes, TimeSpan patience, CancellationToken cancellationToken)
    {
        CampaignView before = (await Campaign.GetAsync(session.Api, name, cancellationToken)).View;
        Check(before, name, codes);
        int round = Math.Max(before.Spec.Retry?.Round ?? 0, before.Status.Retry?.Round ?? 0) + 1;
        JsonNode? only = codes.Length == 0 ? null : new JsonArray([.. codes.Select(code => (JsonNode)code)]);
        await Campaign.PatchSpecAsync(session.Api, name, new JsonObject { ["retry"] = new JsonObject { ["round"] = round, ["codes"] = only } }, cancellationToken);

        Campaign after = await Campaign.UntilAsync(session, name, view => view.IsAnswered && view.Status.Retry is { } seen && (seen.Round >= round || seen.Refused is not null), patience, cancellationToken);
        RetryView? retry = after.View.Status.Retry;
        if (after.View.IsAnswered && retry?.Refused is { } refused)
        {
            throw new Refusal($"{name} is not tried again: {refused}");
        }
        if (retry is null || retry.Round < round)
        {
            throw HoldVerbs.NoAnswer(name, patience);
        }
        await session.SayAsync(session.Json ? after.Whole.GetRawText() : Words(after.View, name, retry, codes));
        return ExitCodes.Done;
    }

    private static void Check(CampaignView campaign, string name, string[] codes)
    {
        if (campaign.Status is { DryRun: true })
        {
            throw new Refusal($"{name} is a dry run: no car was told, so none has failed.");
        }
        if (campaign.Is("Complete") && campaign.Status.Phase is "Aborted" or "Expired")
        {
            throw new Refusal($"{name} has ended: {campaign.Status.Message}", "A higher spec.revision pushes again.");
        }
        if (campaign.Status.Counts is not { } counts || counts.Failed + (codes.Length > 0 ? counts.Rejected : 0) == 0)
        {
            throw new Refusal($"No car of {name} has failed.", "Cars that are away are told when they come back; cars that rejected are tried again by --code only.");
        }
    }

    private static string Words(CampaignView view, string name, RetryView retry, string[] codes)
    {
        string which = codes.Length == 0 ? "" : $" with {string.Join(" or ", codes)}";
        return retry.Retried == 0
            ? $"No car of {name} has failed{which}; nothing has changed. kubectl push status {name} shows the codes."
            : $"{Numbers.Vehicles(retry.Retried)} of {name} that failed{which} {(retry.Retried == 1 ? "is" : "are")} tried again. {view.Status.Standing}";
    }
}
