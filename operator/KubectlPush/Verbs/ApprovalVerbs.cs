using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Nodes;
using PushPlatform.KubectlPush.Cluster;
using PushPlatform.KubectlPush.Resources;
using PushPlatform.KubectlPush.Text;
using PushPlatform.Kubernetes.Client;

namespace PushPlatform.KubectlPush.Verbs;

/// <summary>A person's word on a campaign as it stands: makes a <c>PushCampaignApproval</c> in the user's own name, bound to the spec that was looked at.</summary>
internal static class ApprovalVerbs
{
    private const string Plural = "pushcampaignapprovals";

    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(500);

    public static Command Approve(Invocation invocation) => Create(
        invocation, "approve", "Lets a campaign that waits for approval (spec.rollout.approval: Manual) be pushed, as it stands now. A later change of its spec makes this void.", static _ => "Approve");

    public static Command Deny(Invocation invocation) => Create(
        invocation, "deny", "Says that a campaign must not be pushed; also what is being pushed stops, until somebody approves it.", static _ => "Deny");

    public static Command Promote(Invocation invocation)
    {
        Option<bool> all = new("--all") { Description = "All further steps, not just the next." };
        Command command = Create(invocation, "promote", "Lets the next step of a campaign begin.", parsed => parsed.GetValue(all) ? "PromoteAll" : "Promote");
        command.Options.Add(all);
        return command;
    }

    private static Command Create(Invocation invocation, string name, string description, Func<ParseResult, string> verb)
    {
        Argument<string> campaign = Arguments.Campaign();
        Option<string?> comment = new("--comment", "-m") { Description = "Why, for those who read it later.", HelpName = "text" };
        Option<string?> hash = new("--spec-hash") { Description = "status.specHash as it was when you looked: refused if the campaign has changed since. Default: as it is now.", HelpName = "hash" };
        Option<int> timeout = Arguments.Timeout("the operator's answer");
        Command command = new(name, description) { campaign, comment, hash, timeout };
        command.SetAction((parsed, cancellationToken) => invocation.RunAsync(
            parsed,
            (session, token) => SayAsync(
                session, new Word(parsed.GetRequiredValue(campaign), verb(parsed), parsed.GetValue(hash), parsed.GetValue(comment)), TimeSpan.FromSeconds(parsed.GetValue(timeout)), token),
            cancellationToken));
        return command;
    }

    private static async Task<int> SayAsync(Session session, Word word, TimeSpan patience, CancellationToken cancellationToken)
    {
        Campaign campaign = await Campaign.UntilAsync(session, word.Campaign, static view => view.IsAnswered && view.Status.SpecHash is not null, patience, cancellationToken);
        string hash = word.Hash ?? campaign.View.Status.SpecHash
            ?? throw new Refusal($"The operator has not looked at {word.Campaign} yet, so there is nothing to say yes or no to.", $"kubectl push status {word.Campaign} shows what stands.");
        JsonObject spec = new()
        {
            ["campaignRef"] = new JsonObject { ["name"] = word.Campaign },
            ["verb"] = word.Verb,
            ["specHash"] = hash,
            ["approvedBy"] = await WhoAmIAsync(session.Api, cancellationToken),
        };
        if (word.Comment is { } comment)
        {
            spec["comment"] = comment;
        }
        JsonElement made = await session.Api.CreateAsync(
            ClusterApi.PathOf(Plural, session.Api.Namespace),
            new JsonObject
            {
                ["apiVersion"] = "pushplatform.io/v1alpha1",
                ["kind"] = "PushCampaignApproval",
                ["metadata"] = new JsonObject { ["generateName"] = $"{word.Campaign[..Math.Min(word.Campaign.Length, 50)].TrimEnd('-', '.')}-{word.Verb.ToLowerInvariant()}-" },
                ["spec"] = spec,
            },
            cancellationToken);
        (JsonElement whole, ApprovalView view) = await UntilJudgedAsync(session, Resource.Read<ApprovalView>(made).Metadata.Name!, patience, cancellationToken);
        if (session.Json)
        {
            await session.SayAsync(whole.GetRawText());
        }
        return view.Accepted switch
        {
            null => throw HoldVerbs.NoAnswer(word.Campaign, patience),
            { Status: "True" } => await ToldAsync(session, campaign, word, preview: campaign.View.Status.Preview),
            { } refused => throw new Refusal($"{word.Verb} is not accepted ({refused.Reason}): {refused.Message}", $"It is on record as {view.Metadata.Name}; kubectl push status {word.Campaign} shows what stands now."),
        };
    }

    private static async Task<int> ToldAsync(Session session, Campaign campaign, Word word, PreviewView? preview)
    {
        if (!session.Json)
        {
            string whom = word.Verb == "Approve" && preview is not null ? $": {Numbers.Vehicles(preview.Matched)}, {preview.Online} of them online" : "";
            await session.SayAsync($"{word.Verb} of {campaign.Namespace}/{campaign.Name}, revision {campaign.View.Spec.Revision}, is accepted{whom}.");
        }
        return ExitCodes.Done;
    }

    private static async Task<(JsonElement Whole, ApprovalView View)> UntilJudgedAsync(Session session, string name, TimeSpan patience, CancellationToken cancellationToken)
    {
        long begin = session.Time.GetTimestamp();
        while (true)
        {
            JsonElement whole = await session.Api.GetAsync(ClusterApi.PathOf(Plural, session.Api.Namespace, name), cancellationToken);
            ApprovalView view = Resource.Read<ApprovalView>(whole);
            if (view.Accepted is not null || session.Time.GetElapsedTime(begin) >= patience)
            {
                return (whole, view);
            }
            await Task.Delay(LookEvery, session.Time, cancellationToken);
        }
    }

    /// <summary>The name that the API server knows the user by: it lets nobody write another into an approval.</summary>
    private static async Task<string> WhoAmIAsync(ClusterApi api, CancellationToken cancellationToken)
    {
        try
        {
            JsonObject question = new() { ["apiVersion"] = "authentication.k8s.io/v1", ["kind"] = "SelfSubjectReview" };
            JsonElement answer = await api.CreateAsync("apis/authentication.k8s.io/v1/selfsubjectreviews", question, cancellationToken);
            return answer.GetProperty("status").GetProperty("userInfo").GetProperty("username").GetString()!;
        }
        catch (KubernetesException absent) when (absent.IsNotFound)
        {
            throw new Refusal("This API server cannot say who you are (SelfSubjectReview, Kubernetes 1.28), and so nobody can approve anything on it.", "Approvals need Kubernetes 1.30 or newer.");
        }
    }

    private sealed record Word(string Campaign, string Verb, string? Hash, string? Comment);
}
