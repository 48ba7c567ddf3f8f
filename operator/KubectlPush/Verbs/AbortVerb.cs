using System.CommandLine;
using System.Text.Json.Nodes;
using PushPlatform.KubectlPush.Resources;
using PushPlatform.KubectlPush.Text;

namespace PushPlatform.KubectlPush.Verbs;

/// <summary>Stops a revision for good: <c>spec.abort</c>.</summary>
internal static class AbortVerb
{
    public static Command Create(Invocation invocation)
    {
        Argument<string> name = Arguments.Campaign();
        Option<bool> yes = new("--yes", "-y") { Description = "Do not ask." };
        Option<int> timeout = Arguments.Timeout("the end");
        Command command = new("abort", "Stops a campaign for good: nothing more is sent within two seconds, and cars that were not told become expired. Only a higher spec.revision pushes again. `pause` holds it instead.") { name, yes, timeout };
        command.SetAction((parsed, cancellationToken) => invocation.RunAsync(
            parsed,
            (session, token) => AbortAsync(session, parsed.GetRequiredValue(name), parsed.GetValue(yes), TimeSpan.FromSeconds(parsed.GetValue(timeout)), token),
            cancellationToken));
        return command;
    }

    private static async Task<int> AbortAsync(Session session, string name, bool yes, TimeSpan patience, CancellationToken cancellationToken)
    {
        CampaignView before = (await Campaign.GetAsync(session.Api, name, cancellationToken)).View;
        if (before.Is("Complete"))
        {
            throw new Refusal($"{name} has ended: {before.Status.Message}", "There is nothing left to stop.");
        }
        string open = before.Status.Counts is { } counts ? $"{Numbers.Vehicles(counts.Open)} of {counts.Targeted} will not be told." : "Nobody will be told.";
        if (!yes && !await ConfirmAsync(session, "Abort", name, open, cancellationToken))
        {
            throw new Refusal("Nothing was changed.");
        }
        await Campaign.PatchSpecAsync(session.Api, name, new JsonObject { ["abort"] = true }, cancellationToken);
        Campaign after = await Campaign.UntilAsync(session, name, static view => view.IsAnswered && view.Is("Complete"), patience, cancellationToken);
        bool ended = after.View.Is("Complete");
        if (session.Json)
        {
            await session.SayAsync(after.Whole.GetRawText());
        }
        else if (ended)
        {
            await session.SayAsync($"{name} is aborted. {after.View.Status.Message}");
        }
        else if (after.View.IsAnswered)
        {
            await session.SayAsync($"{name} is being aborted: nothing more is sent. It ends when the last answers are in or their time is up; kubectl push status {name} -w shows when.");
            return ExitCodes.Done;
        }
        return ended || after.View.IsAnswered ? ExitCodes.Done : throw HoldVerbs.NoAnswer(name, patience);
    }

    /// <param name="verb">What is to be done for good.</param>
    /// <param name="consequence">What that means for cars, as a sentence.</param>
    public static async Task<bool> ConfirmAsync(Session session, string verb, string name, string consequence, CancellationToken cancellationToken)
    {
        if (!session.Terminal.CanAsk)
        {
            throw new Refusal($"{verb.ToLowerInvariant()} asks before it stops a campaign for good, and nobody sits here to answer.", "--yes says that you are sure.", ExitCodes.Usage);
        }
        await session.Terminal.Error.WriteAsync($"{verb} {session.Api.Namespace}/{name} for good? {consequence} [y/N] ");
        await session.Terminal.Error.FlushAsync(cancellationToken);
        return (await session.Terminal.In.ReadLineAsync(cancellationToken))?.Trim() is "y" or "Y" or "yes";
    }
}
