using System.CommandLine;
using PushPlatform.KubectlPush.Resources;
using PushPlatform.KubectlPush.Text;
using Spectre.Console;

namespace PushPlatform.KubectlPush.Verbs;

/// <summary>Where do campaigns stand?</summary>
internal static class StatusVerb
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(1);

    public static Command Create(Invocation invocation)
    {
        Argument<string?> name = new("campaign") { Description = "Name of the PushCampaign; without one, all are listed.", Arity = ArgumentArity.ZeroOrOne };
        Option<bool> watch = new("--watch", "-w") { Description = "Stay until the campaign has ended; then 0 if it Succeeded, else 1. With -o json: a line for each change." };
        Option<bool> everywhere = new("--all-namespaces", "-A") { Description = "List those of all namespaces." };
        Command command = new("status", "Shows where campaigns stand: phase, progress, rate, steps, failures, conditions.") { name, watch, everywhere };
        command.Validators.Add(result =>
        {
            bool named = result.GetValue(name) is not null;
            if (named && result.GetValue(everywhere))
            {
                result.AddError("-A lists all campaigns: leave the name out, or say -n NAMESPACE.");
            }
            if (!named && result.GetValue(watch))
            {
                result.AddError("-w wants the name of a campaign; kubectl get pcam -w watches all.");
            }
        });
        command.SetAction((parsed, cancellationToken) => invocation.RunAsync(
            parsed,
            (session, token) => parsed.GetValue(name) is not { } one ? ListAsync(session, parsed.GetValue(everywhere), token)
                : parsed.GetValue(watch) ? WatchAsync(session, one, token)
                : ShowAsync(session, one, token),
            cancellationToken));
        return command;
    }

    private static async Task<int> ListAsync(Session session, bool everywhere, CancellationToken cancellationToken)
    {
        IReadOnlyList<Campaign> campaigns = await Campaign.ListAsync(session.Api, everywhere, cancellationToken);
        if (session.Json)
        {
            await session.SayAsync($"{{\"apiVersion\":\"v1\",\"kind\":\"List\",\"items\":[{string.Join(',', campaigns.Select(campaign => campaign.Whole.GetRawText()))}]}}");
        }
        else if (campaigns.Count == 0)
        {
            await session.RemarkAsync(everywhere ? "There are no campaigns." : $"There are no campaigns in namespace {session.Api.Namespace}; -A looks everywhere.");
        }
        else
        {
            await SayAsync(session, CampaignText.Table([.. campaigns.Select(campaign => campaign.View)], everywhere, session.Now));
        }
        return ExitCodes.Done;
    }

    private static async Task<int> ShowAsync(Session session, string name, CancellationToken cancellationToken)
    {
        Campaign campaign = await Campaign.GetAsync(session.Api, name, cancellationToken);
        if (session.Json)
        {
            await session.SayAsync(campaign.Whole.GetRawText());
            return ExitCodes.Done;
        }
        await SayAsync(session, await PictureAsync(session, campaign, new Speed(), cancellationToken));
        return ExitCodes.Done;
    }

    private static Task<int> WatchAsync(Session session, string name, CancellationToken cancellationToken)
    {
        if (session.Json || !session.Terminal.CanRedraw)
        {
            return FollowAsync(session, name, (campaign, _) => session.SayAsync(session.Json ? campaign.Whole.GetRawText() : OneLine(campaign.View, session.Now)), cancellationToken);
        }
        return session.Terminal.Drawing().Live(new Spectre.Console.Text("…")).StartAsync(context => FollowAsync(
            session, name, async (campaign, speed) => context.UpdateTarget(new Rows((await PictureAsync(session, campaign, speed, cancellationToken)).Select(line => new Spectre.Console.Text(Plain.Line(line))))), cancellationToken));
    }

    /// <summary>Once a second is as often as a status is written.</summary>
    private static async Task<int> FollowAsync(Session session, string name, Func<Campaign, Speed, Task> show, CancellationToken cancellationToken)
    {
        Speed speed = new();
        string? shown = null;
        while (true)
        {
            Campaign campaign = await Campaign.GetAsync(session.Api, name, cancellationToken);
            if (campaign.View.Metadata.ResourceVersion is var version && (version != shown || session.Terminal.CanRedraw))
            {
                await show(campaign, speed);
                shown = version;
            }
            if (campaign.View.IsAnswered && campaign.View.Is("Complete"))
            {
                return campaign.View.Is("Succeeded") ? ExitCodes.Done : ExitCodes.Failed;
            }
            await Task.Delay(LookEvery, session.Time, cancellationToken);
        }
    }

    private static async Task<IReadOnlyList<string>> PictureAsync(Session session, Campaign campaign, Speed speed, CancellationToken cancellationToken)
    {
        IReadOnlyList<string> failures = await FailureCodes.LinesAsync(session, campaign, cancellationToken);
        DateTimeOffset now = session.Now;
        return [.. CampaignText.Details(campaign.View, speed.Note(campaign.View, now), failures, now)];
    }

    private static string OneLine(CampaignView campaign, DateTimeOffset now) => $"{Numbers.Time(now)}  {campaign.Status.Standing}";

    private static async Task SayAsync(Session session, IEnumerable<string> lines)
    {
        foreach (string line in lines)
        {
            await session.SayAsync(line);
        }
    }
}
