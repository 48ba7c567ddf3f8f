using System.CommandLine;

namespace PushPlatform.KubectlPush.Verbs;

/// <summary>Arguments that several verbs have.</summary>
internal static class Arguments
{
    public static Argument<string> Campaign() => new("campaign") { Description = "Name of the PushCampaign." };

    public static Option<string?> ServiceAccount() => new("--service-account")
    {
        Description = "Ask the operator with a short-lived token of this service account of the namespace, not with your own: for kubeconfigs with a client certificate.",
        HelpName = "name",
    };

    public static Option<int> Timeout(string what)
    {
        Option<int> timeout = new("--timeout") { Description = $"Seconds to wait for {what}.", HelpName = "seconds", DefaultValueFactory = _ => 30 };
        timeout.Validators.Add(result =>
        {
            if (result.GetValue(timeout) is < 0 or > 3600)
            {
                result.AddError("--timeout is a number from 0 to 3600.");
            }
        });
        return timeout;
    }
}
