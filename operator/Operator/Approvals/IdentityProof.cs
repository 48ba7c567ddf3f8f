using PushPlatform.Kubernetes.Client;
using PushPlatform.Kubernetes.Models;
using PushPlatform.Operator.Api;

namespace PushPlatform.Operator.Approvals;

/// <summary>
/// Whether the API server lets nobody write another's name into an approval. It is not asked what is installed but what happens: the operator tries to
/// write one in a name that nobody has, as a dry run, and the words of the refusal say whether it is for that.
/// </summary>
internal sealed class IdentityProof(IKubernetesClient kubernetes)
{
    /// <summary>Stands in every refusal of <c>crds/admission/approved-by.yaml</c>, and of whatever takes its place.</summary>
    internal const string Words = "spec.approvedBy must be";

    private const string NobodysName = "system:pushplatform:nobody";

    /// <exception cref="KubernetesException">The API server refused for another reason: nothing is known.</exception>
    public async Task<bool> HoldsAsync(string @namespace, CancellationToken cancellationToken)
    {
        var forged = new PushCampaignApproval
        {
            Metadata = new V1ObjectMeta { GenerateName = "is-identity-proven-", NamespaceProperty = @namespace },
            Spec = new PushCampaignApprovalSpec
            {
                CampaignRef = new CampaignReference { Name = "none" },
                Verb = ApprovalVerb.Deny,
                SpecHash = new string('0', 32),
                ApprovedBy = NobodysName,
            },
        };
        try
        {
            await kubernetes.CreateAsync(forged, dryRun: true, cancellationToken: cancellationToken);
            return false;
        }
        catch (KubernetesException refusal) when (refusal.Message.Contains(Words, StringComparison.Ordinal))
        {
            return true;
        }
    }
}
