using System.CommandLine;
using System.Text.Json;
using PushPlatform.KubectlPush.Cluster;
using PushPlatform.KubectlPush.Resources;
using PushPlatform.KubectlPush.Text;

namespace PushPlatform.KubectlPush.Verbs;

/// <summary>What about this one car?</summary>
internal static class VehicleVerb
{
    public static Command Create(Invocation invocation)
    {
        Argument<string> vid = new("vid") { Description = "The car." };
        Option<string> pool = new("--pool") { Description = "The PushPool that it connects to.", HelpName = "name", DefaultValueFactory = _ => "default" };
        Option<string?> account = Arguments.ServiceAccount();
        Command command = new("vehicle", "Shows one car: where it is connected, and what became of it in each campaign of its pool.") { vid, pool, account };
        command.SetAction((parsed, cancellationToken) => invocation.RunAsync(
            parsed, (session, token) => ShowAsync(session, parsed.GetRequiredValue(vid), parsed.GetRequiredValue(pool), parsed.GetValue(account), token), cancellationToken));
        return command;
    }

    private static async Task<int> ShowAsync(Session session, string vid, string pool, string? account, CancellationToken cancellationToken)
    {
        using OperatorApi ledger = await OperatorApi.OfPoolAsync(session.Api, pool, account, session.Time, cancellationToken);
        JsonElement answer = await ledger.GetAsync(OperatorApi.Vehicle(session.Api.Namespace, pool, vid), cancellationToken);
        if (session.Json)
        {
            await session.SayAsync(answer.GetRawText());
            return ExitCodes.Done;
        }
        foreach (string line in VehicleText.Lines(Resource.Read<VehicleView>(answer), session.Now))
        {
            await session.SayAsync(line);
        }
        return ExitCodes.Done;
    }
}
