using System.Text.Json.Nodes;
using PushPlatform.Fleet;
using PushPlatform.Kubernetes.Client;
using PushPlatform.Operator.Api;

namespace PushPlatform.Scenarios.Cluster;

/// <summary>How a campaign of the samples has to end.</summary>
/// <param name="Reason">Of its condition Complete.</param>
/// <param name="Told">How many cars.</param>
internal sealed record SampleEnd(string Reason, int Told)
{
    public static SampleEnd AllOf(int cars) => new("Succeeded", cars);
}

/// <summary>What the comments of samples tell a person to do, or to wait for. What would take days is shortened once it has been seen.</summary>
internal sealed class SampleActs(ClusterStage there)
{
    // For the operator to read it before it comes.
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(5);

    /// <summary>Approves it as it stands, by <c>approval.yaml</c> with the hash and a name; where the server cannot tell who approves, nobody's word counts, and it is given up.</summary>
    public async Task<SampleEnd> ApproveAsync(string campaign, int cars, CancellationToken cancellationToken)
    {
        const string File = "approval.yaml";
        PushCampaign waiting = await there.WhenAsync(
            campaign, "the wait for an approval", status => status is { Phase: CampaignPhase.AwaitingApproval, SpecHash: not null } && status.Preview?.Online == cars, cancellationToken);
        (int unknown, string me) = await there.Kubectl.TryAsync(null, cancellationToken, "auth", "whoami", "--output", "jsonpath={.status.userInfo.username}");
        JsonObject approval = SampleFiles.Read(File);
        JsonNode spec = approval["spec"]!;
        spec["specHash"] = waiting.Status.SpecHash;
        if (unknown == 0)
        {
            spec["approvedBy"] = me;
        }
        await there.Kubectl.ApplyAsync(approval.ToJsonString(), cancellationToken);
        string name = (string)approval["metadata"]!["name"]!;
        string verdict = "";
        await there.UntilAsync(
            $"the verdict on {name}",
            async token => (verdict = await there.Kubectl.RunAsync(token, "get", "pcapp", name, "--output", "jsonpath={.status.conditions[0].reason}")).Length > 0,
            cancellationToken);
        if (verdict != "IdentityNotProven" || unknown == 0)
        {
            return SampleEnd.AllOf(cars);
        }
        there.Say($"Skipped: that {File} lets {campaign} go. This server cannot say who approves, so the operator has refused it ({verdict}); {campaign} is aborted instead");
        await SetAsync(campaign, new JsonObject { ["abort"] = true }, cancellationToken);
        return new SampleEnd("Aborted", 0);
    }

    /// <summary>Sees that files are fetched from nowhere unless the installation says so, and lets it go with the lists that are in the cluster.</summary>
    public async Task<SampleEnd> LeaveTheFileOutAsync(string campaign, int cars, CancellationToken cancellationToken)
    {
        await there.WhenAsync(
            campaign, "the refusal of its file", status => status.Conditions?.Any(condition => condition is { Type: "Stalled", Status: "True", Reason: "ListNotAllowed" }) == true, cancellationToken);
        JsonNode lists = SampleFiles.Read($"{campaign}.yaml")["spec"]!["targets"]!["vidsFrom"]!;
        var inTheCluster = new JsonArray([.. lists.AsArray().Where(list => list!["http"] is null).Select(list => list!.DeepClone())]);
        await SetAsync(campaign, new JsonObject { ["suspend"] = false, ["targets"] = new JsonObject { ["vidsFrom"] = inTheCluster } }, cancellationToken);
        return SampleEnd.AllOf(cars);
    }

    /// <summary>Looks how many cars are online while it is suspended, and lets it go.</summary>
    public async Task<SampleEnd> LookAndLetGoAsync(string campaign, int cars, CancellationToken cancellationToken)
    {
        await there.WhenAsync(campaign, "the preview", status => status.Phase == CampaignPhase.Suspended && status.Preview?.Online == cars, cancellationToken);
        await there.Kubectl.RunAsync(cancellationToken, "patch", "pcam", campaign, "--type=merge", "-p", """{"spec":{"suspend":false}}""");
        return SampleEnd.AllOf(cars);
    }

    /// <summary>Sees how many cars would be reached, and does not wait for the night that it names.</summary>
    public async Task<SampleEnd> StartSoonAsync(string campaign, int cars, CancellationToken cancellationToken)
    {
        await there.WhenAsync(campaign, "the wait for its start", status => status.Phase == CampaignPhase.Scheduled && status.Preview?.Online == cars, cancellationToken);
        there.Say($"{campaign} waits for its night; its start is moved to now");
        await SetAsync(campaign, new JsonObject { ["schedule"] = new JsonObject { ["startAt"] = Moment(Soon) } }, cancellationToken);
        return SampleEnd.AllOf(cars);
    }

    /// <summary>Ten cars first; then everybody at once, as its comment has it, rather than step by step.</summary>
    public async Task<SampleEnd> TakeTheStepsOutAsync(string campaign, int cars, CancellationToken cancellationToken)
    {
        await there.WhenAsync(campaign, "its first ten cars", status => status.Phase == CampaignPhase.Paused && status.Counts?.Delivered == 10, cancellationToken);
        there.Say($"{campaign} is Paused behind ten cars; its steps are taken out");
        await SetAsync(campaign, new JsonObject { ["rollout"] = new JsonObject { ["steps"] = null } }, cancellationToken);
        return SampleEnd.AllOf(cars);
    }

    /// <summary>By night it goes; by day its windows are taken away when it has said when the next one begins.</summary>
    public async Task<SampleEnd> WaitForNightAsync(string campaign, int cars, CancellationToken cancellationToken)
    {
        PushCampaign now = await there.WhenAsync(
            campaign,
            "its window, or the wait for it",
            status => status.Phase is CampaignPhase.Completed || (status is { Phase: CampaignPhase.Scheduled or CampaignPhase.Paused, NextWindow: not null }),
            cancellationToken);
        if (now.Status.Phase != CampaignPhase.Completed)
        {
            there.Say($"{campaign} is {now.Status.Phase} by day; its windows are taken away");
            await SetAsync(campaign, new JsonObject { ["schedule"] = new JsonObject { ["windows"] = null } }, cancellationToken);
        }
        return SampleEnd.AllOf(cars);
    }

    /// <summary>By day it goes; by night its quiet hours are taken away when it has said how many cars wait for the morning.</summary>
    public async Task<SampleEnd> LetThemSleepAsync(string campaign, int cars, CancellationToken cancellationToken)
    {
        PushCampaign now = await there.WhenAsync(
            campaign, "the day, or the wait for it", status => status.Phase is CampaignPhase.Completed || status.InQuietHours == cars, cancellationToken);
        if (now.Status.Phase != CampaignPhase.Completed)
        {
            there.Say($"{campaign} lets {cars} cars sleep; its quiet hours are taken away");
            await SetAsync(campaign, new JsonObject { ["schedule"] = new JsonObject { ["quietHours"] = null } }, cancellationToken);
        }
        return SampleEnd.AllOf(cars);
    }

    /// <summary>The other samples tell its cars at the same time; when it has let them be, it no longer does.</summary>
    public async Task<SampleEnd> NotWaitADayAsync(string campaign, int cars, CancellationToken cancellationToken)
    {
        await there.WhenAsync(campaign, "nobody who waits for it", status => status.Phase is CampaignPhase.CatchingUp or CampaignPhase.Completed, cancellationToken);
        await SetAsync(campaign, new JsonObject { ["delivery"] = new JsonObject { ["perVehicleMinIntervalSeconds"] = 0 } }, cancellationToken);
        return SampleEnd.AllOf(cars);
    }

    /// <summary>It takes newcomers until it expires, which is brought forward when those that are there have been told.</summary>
    public async Task<SampleEnd> ExpireWhenToldAsync(string campaign, int cars, CancellationToken cancellationToken)
    {
        await there.WhenAsync(campaign, "the wait for newcomers", status => status.Phase == CampaignPhase.CatchingUp && status.Counts?.Delivered == cars, cancellationToken);
        there.Say($"{campaign} has told {cars} cars and waits for newcomers; it is to expire now");
        await SetAsync(campaign, new JsonObject { ["schedule"] = new JsonObject { ["expireAt"] = Moment(Soon) } }, cancellationToken);
        return SampleEnd.AllOf(cars);
    }

    /// <summary>A listed car that was never seen is told when it first connects.</summary>
    public async Task<SampleEnd> ConnectWhenOthersAreToldAsync(string campaign, FleetGroup neverSeen, int others, CancellationToken cancellationToken)
    {
        await there.WhenAsync(campaign, "the wait for a car", status => status.Phase == CampaignPhase.CatchingUp && status.Counts?.Delivered == others, cancellationToken);
        await neverSeen.ConnectAsync(cancellationToken);
        return SampleEnd.AllOf(others + neverSeen.Vehicles.Count);
    }

    private string Moment(TimeSpan fromNow) => there.Time.GetUtcNow().Add(fromNow).ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", System.Globalization.CultureInfo.InvariantCulture);

    private Task SetAsync(string campaign, JsonObject spec, CancellationToken cancellationToken) => there.Kubernetes.PatchAsync<PushCampaign>(
        V1Patch.Merge(new JsonObject { ["spec"] = spec }), campaign, there.Options.Namespace, cancellationToken: cancellationToken);
}
