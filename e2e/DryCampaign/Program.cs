using System.CommandLine;
using PushPlatform.DryCampaign;
using PushPlatform.Kubernetes.Client;
using PushPlatform.Kubernetes.Configuration;

Option<string> @namespace = new("--namespace") { Description = "Where the pool is.", Required = true };
Option<string> campaign = new("--campaign") { Description = "Name of the campaign that is made, and deleted again.", Required = true };
Option<string> pool = new("--pool") { Description = "The pool that the car belongs to.", Required = true };
Option<string> endpoint = new("--endpoint") { Description = "Where the car connects to: ws:// or wss://.", Required = true };
endpoint.Validators.Add(result =>
{
    if (!Uri.TryCreate(result.GetValueOrDefault<string>(), UriKind.Absolute, out Uri? uri) || uri.Scheme is not ("ws" or "wss"))
    {
        result.AddError("--endpoint begins with ws:// or wss://.");
    }
});
Option<string> vid = new("--vid") { Description = "The car's id.", Required = true };
Option<int> timeout = new("--timeout-seconds") { Description = "How long all of it may take.", DefaultValueFactory = _ => 60 };
RootCommand command = new("One car connects, and a campaign on hold must count it as online. Nothing is sent. A token for the car: PUSH_CAR_TOKEN.") { @namespace, campaign, pool, endpoint, vid, timeout };
command.SetAction(async (arguments, cancellation) =>
{
    DryRun run = new(new DryRunOptions
    {
        Namespace = arguments.GetRequiredValue(@namespace),
        Campaign = arguments.GetRequiredValue(campaign),
        Pool = arguments.GetRequiredValue(pool),
        Endpoint = new Uri(arguments.GetRequiredValue(endpoint)),
        Vid = arguments.GetRequiredValue(vid),
        Token = Environment.GetEnvironmentVariable("PUSH_CAR_TOKEN"),
        Timeout = TimeSpan.FromSeconds(arguments.GetValue(timeout)),
    });
    using KubernetesClient kubernetes = new(KubeConfigLoader.LoadDefault(), DryRun.Json);
    string? fault = await run.FaultAsync(kubernetes, cancellation);
    Console.WriteLine(fault ?? "The car is online, and the campaign on hold counts it.");
    return fault is null ? 0 : 1;
});
return await command.Parse(args).InvokeAsync();
