using PushPlatform.KubectlPush.Cluster;
using PushPlatform.KubectlPush.Resources;
using PushPlatform.KubectlPush.Text;

namespace PushPlatform.KubectlPush.Verbs;

/// <summary>What cars failed with. Only the ledger knows, so this is told where the operator can be asked, and is no reason to fail where it cannot.</summary>
internal static class FailureCodes
{
    private const int Most = 5;

    public static async Task<IReadOnlyList<string>> LinesAsync(Session session, Campaign campaign, CancellationToken cancellationToken)
    {
        if (campaign.View.Status.Counts is not { } counts || counts.Failed + counts.Rejected == 0)
        {
            return [];
        }
        try
        {
            using OperatorApi ledger = await OperatorApi.OfPoolAsync(session.Api, campaign.Pool, serviceAccount: null, session.Time, cancellationToken);
            FailuresView seen = Resource.Read<FailuresView>(await ledger.GetAsync(OperatorApi.Campaign(session.Api.Namespace, campaign.Name, "failures", null), cancellationToken));
            return Table(seen.Failures);
        }
        catch (Exception fault) when (Failures.Explain(fault, session.Api.Host) is { } refusal)
        {
            return ["", $"(failure codes are not known: {refusal.Message})"];
        }
    }

    private static IReadOnlyList<string> Table(IReadOnlyList<FailureView> failures)
    {
        if (failures.Count == 0)
        {
            return [];
        }
        List<IReadOnlyList<string>> rows = [["FAILURE", "CODE", "CARS", "LAST"]];
        rows.AddRange(failures.Take(Most).Select(failure => (IReadOnlyList<string>)[failure.Outcome, failure.Code.Length == 0 ? "(none)" : failure.Code, $"{failure.Vehicles}", Numbers.Time(failure.Last)]));
        string[] more = failures.Count > Most ? [$"and {failures.Count - Most} more codes"] : [];
        return ["", .. TextTable.Lines(rows), .. more];
    }
}
