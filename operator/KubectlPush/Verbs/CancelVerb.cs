using System.CommandLine;
using System.Text.Json.Nodes;
using PushPlatform.KubectlPush.Resources;
using PushPlatform.KubectlPush.Text;

namespace PushPlatform.KubectlPush.Verbs;

/// <summary>Takes a revision back: <c>spec.cancel</c>.</summary>
internal static class CancelVerb
{
    private const string Cancelled = "Cancelled";

    public static Command Create(Invocation invocation)
    {
        Argument<string> name = Arguments.Campaign();
        Option<bool> yes = new("--yes", "-y") { Description = "Do not ask." };
        Option<int> timeout = Arguments.Timeout("the end");
        Command command = new("cancel", "Takes a campaign back, also after its end: nobody is told of it any more, and cars that were told and have not installed it are told to forget it, those that are away when they come back. Only a higher spec.revision pushes again. `abort` only stops.") { name, yes, timeout };
        command.SetAction((parsed, cancellationToken) => invocation.RunAsync(
            parsed,
            (session, token) => CancelAsync(session, parsed.GetRequiredValue(name), parsed.GetValue(yes), TimeSpan.FromSeconds(parsed.GetValue(timeout)), token),
            cancellationToken));
        return command;
    }

    private static async Task<int> CancelAsync(Session session, string name, bool yes, TimeSpan patience, CancellationToken cancellationToken)
    {
        CampaignView before = (await Campaign.GetAsync(session.Api, name, cancellationToken)).View;
        if (before.Is("Complete") && (before.Spec.Schedule.ExpireAt ?? before.Status.ExpiresAt) < session.Time.GetUtcNow() && !IsCancelled(before))
        {
            throw new Refusal($"{name} has ended, and its time is over: {before.Status.Message}", "A later spec.schedule.expireAt gives it more time to tell cars to forget it; then cancel it again.");
        }
        if (!yes && !await AbortVerb.ConfirmAsync(session, "Cancel", name, Consequence(before), cancellationToken))
        {
            throw new Refusal("Nothing was changed.");
        }
        await Campaign.PatchSpecAsync(session.Api, name, new JsonObject { ["cancel"] = true }, cancellationToken);
        Campaign after = await Campaign.UntilAsync(session, name, static view => view.IsAnswered && IsCancelled(view), patience, cancellationToken);
        if (session.Json)
        {
            await session.SayAsync(after.Whole.GetRawText());
        }
        else if (IsCancelled(after.View))
        {
            await session.SayAsync($"{name} is cancelled. {after.View.Status.Message}. kubectl push status {name} shows who is still to answer.");
        }
        else if (after.View.IsAnswered)
        {
            await session.SayAsync($"{name} is being cancelled: nobody is told of it any more. kubectl push status {name} -w shows how it goes on.");
        }
        return after.View.IsAnswered ? ExitCodes.Done : throw HoldVerbs.NoAnswer(name, patience);
    }

    private static bool IsCancelled(CampaignView view) => view.Is("Complete") && view.Status.AbortReason == Cancelled;

    private static string Consequence(CampaignView campaign) => campaign.Status.Counts is { } counts
        ? $"{Numbers.Vehicles(counts.Open)} of {counts.Targeted} will not be told, and those that were told and have not installed it are to forget it."
        : "Nobody will be told.";
}
