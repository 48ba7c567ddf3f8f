using System.CommandLine;
using PushPlatform.KubectlPush.Resources;
using PushPlatform.KubectlPush.Text;

namespace PushPlatform.KubectlPush.Verbs;

/// <summary>Whom would it reach?</summary>
internal static class PreviewVerb
{
    public static Command Create(Invocation invocation)
    {
        Argument<string> name = Arguments.Campaign();
        Option<int> timeout = Arguments.Timeout("the count");
        Command command = new("preview", "Says how many cars a campaign would reach if it started now, and how many of them are online. The operator counts while a campaign is held (spec.suspend), scheduled or not approved.") { name, timeout };
        command.SetAction((parsed, cancellationToken) => invocation.RunAsync(
            parsed, (session, token) => ShowAsync(session, parsed.GetRequiredValue(name), TimeSpan.FromSeconds(parsed.GetValue(timeout)), token), cancellationToken));
        return command;
    }

    private static async Task<int> ShowAsync(Session session, string name, TimeSpan patience, CancellationToken cancellationToken)
    {
        Campaign campaign = await Campaign.UntilAsync(
            session, name, static view => view.IsAnswered && (view.Status.Preview is not null || view.Status.StartedAt is not null || view.Is("Stalled") || view.Is("Complete")), patience, cancellationToken);
        CampaignStatusView status = campaign.View.Status;
        if (session.Json)
        {
            await session.SayAsync(status.Preview is null ? "null" : campaign.Whole.GetProperty("status").GetProperty("preview").GetRawText());
        }
        else if (status.StartedAt is not null)
        {
            await session.SayAsync($"{name} has started: its {Numbers.Vehicles(status.Counts?.Targeted ?? 0)} are fixed. {status.Standing}");
        }
        else if (status.Preview is { } preview)
        {
            await session.SayAsync(Words(preview, session.Now));
            await session.SayAsync(status.Standing);
        }
        return status.Preview is not null || status.StartedAt is not null
            ? ExitCodes.Done
            : throw new Refusal($"Nothing has been counted yet. {status.Standing}", $"kubectl push status {name} shows what it waits for.");
    }

    private static string Words(PreviewView preview, DateTimeOffset now)
    {
        string age = preview.ObservedAt is { } at ? $" (counted {Numbers.Age(now - at)} ago)" : "";
        return $"{Numbers.Vehicles(preview.Matched)} would be told: {preview.Online} online now, {preview.Offline} when they come back{age}";
    }
}
