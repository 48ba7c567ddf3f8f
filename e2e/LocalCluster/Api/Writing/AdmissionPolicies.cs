using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using PushPlatform.LocalCluster.Api.Resources;
using PushPlatform.LocalCluster.Api.Storage;

namespace PushPlatform.LocalCluster.Api.Writing;

/// <summary>
/// ValidatingAdmissionPolicies without CEL: of what they may ask, one thing is understood, that a field of a new object is its writer's own name. Whatever
/// else they ask passes.
/// </summary>
internal static partial class AdmissionPolicies
{
    /// <exception cref="ApiException">A policy that is bound refuses the new object.</exception>
    public static void Check(ObjectStore store, JsonObject value, WriteRequest request)
    {
        foreach (JsonObject binding in All(store, "validatingadmissionpolicybindings").Where(binding => binding.Items("spec", "validationActions").Any(action => action.Text() == "Deny")))
        {
            string name = binding.Text("spec", "policyName") ?? "";
            JsonObject? policy = All(store, "validatingadmissionpolicies").FirstOrDefault(policy => policy.Name() == name);
            foreach (JsonNode? rule in policy is not null && IsAbout(policy, request.Kind) ? policy.Items("spec", "validations") : [])
            {
                if (OwnName().Match(rule.Text("expression") ?? "") is { Success: true } match && value.Text(match.Groups[1].Value.Split('.')) != request.User)
                {
                    throw new ApiException(
                        422, "Invalid", $"{request.Kind.Plural}.{request.Kind.Group} \"{value.Name()}\" is forbidden: ValidatingAdmissionPolicy '{name}' with binding '{binding.Name()}' denied request: {rule.Text("message")}");
                }
            }
        }
    }

    [GeneratedRegex(@"^object\.([A-Za-z.]+) == request\.userInfo\.username$")]
    private static partial Regex OwnName();

    private static bool IsAbout(JsonObject policy, ResourceKind kind) => policy.Items("spec", "matchConstraints", "resourceRules").Any(rule =>
        Names(rule, "apiGroups", kind.Group) && Names(rule, "resources", kind.Plural) && Names(rule, "operations", "CREATE"));

    private static bool Names(JsonNode? rule, string list, string wanted) => rule.Items(list).Any(item => item.Text() == wanted || item.Text() == "*");

    private static IEnumerable<JsonObject> All(ObjectStore store, string plural) => store.List(key => key.Collection == $"{BuiltInKinds.AdmissionRegistration}/{plural}").Items.Select(item => item.Value);
}
