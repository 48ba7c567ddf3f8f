using System.CommandLine;
using System.Text.Json.Nodes;
using PushPlatform.KubectlPush.Resources;
using PushPlatform.KubectlPush.Text;

namespace PushPlatform.KubectlPush.Verbs;

/// <summary>A person's hold, <c>spec.suspend</c>; and <c>spec.resume</c>, by which a person lets a campaign go on that a limit has stopped.</summary>
internal static class HoldVerbs
{
    public static Command Pause(Invocation invocation) => Create(
        invocation, "pause", "Holds a campaign: nothing more is sent within two seconds, to nobody. What is on its way may still be acknowledged. `resume` goes on.", suspend: true);

    public static Command Resume(Invocation invocation) => Create(invocation, "resume", "Lifts the hold of `pause` (spec.suspend); or, where a limit of spec.rollout.abortWhen holds it, lets it go on all the same (spec.resume).", suspend: false);

    private static Command Create(Invocation invocation, string verb, string description, bool suspend)
    {
        Argument<string> name = Arguments.Campaign();
        Option<int> timeout = Arguments.Timeout("the operator's answer");
        Command command = new(verb, description) { name, timeout };
        command.SetAction((parsed, cancellationToken) => invocation.RunAsync(
            parsed, (session, token) => SetAsync(session, parsed.GetRequiredValue(name), suspend, TimeSpan.FromSeconds(parsed.GetValue(timeout)), token), cancellationToken));
        return command;
    }

    private static async Task<int> SetAsync(Session session, string name, bool suspend, TimeSpan patience, CancellationToken cancellationToken)
    {
        Campaign before = await Campaign.GetAsync(session.Api, name, cancellationToken);
        if (before.View.Is("Complete"))
        {
            throw new Refusal($"{name} has ended: {before.View.Status.Message}", "A higher spec.revision pushes again.");
        }
        bool lifts = !suspend && before.View.Condition("Paused") is { Status: "True", Reason: "LimitExceeded" };
        JsonObject change = lifts ? new JsonObject { ["resume"] = before.View.Spec.Resume + 1 } : new JsonObject { ["suspend"] = suspend };
        await Campaign.PatchSpecAsync(session.Api, name, change, cancellationToken);
        Campaign after = await Campaign.UntilAsync(session, name, view => view.IsAnswered && view.Is("Suspended") == suspend, patience, cancellationToken);
        bool answered = after.View.IsAnswered && after.View.Is("Suspended") == suspend;
        if (session.Json)
        {
            await session.SayAsync(after.Whole.GetRawText());
        }
        else if (answered)
        {
            await session.SayAsync(Words(after.View, name, suspend, changed: lifts || before.View.Spec.Suspend != suspend));
        }
        return answered ? ExitCodes.Done : throw NoAnswer(name, patience);
    }

    /// <summary>It is written, and nobody has acted on it yet.</summary>
    public static Refusal NoAnswer(string name, TimeSpan patience) => new(
        $"It is asked for, but the operator has not answered within {patience.TotalSeconds:0} s.",
        $"kubectl push status {name} shows what stands; is the operator running? It acts on it as soon as it is. A push with limits, steps or windows stops by itself after 60 s without one.",
        ExitCodes.Unreachable);

    private static string Words(CampaignView view, string name, bool suspend, bool changed)
    {
        string done = (suspend, changed) switch
        {
            (true, true) => "is held",
            (true, false) => "was held already",
            (false, true) => "goes on",
            (false, false) => "was not held",
        };
        string still = suspend && view.Status.Counts is { InFlight: > 0 } counts ? $"; {Numbers.Vehicles(counts.InFlight)} may still answer" : "";
        string other = !suspend && view.Condition("Paused") is { Status: "True" } paused ? $", but the platform holds it ({paused.Reason}): {paused.Message}" : "";
        return $"{name} {done}{still}{other}. {view.Status.Standing}";
    }
}
