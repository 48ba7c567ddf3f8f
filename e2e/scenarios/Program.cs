using System.CommandLine;
using PushPlatform.Scenarios.Chaos;
using PushPlatform.Scenarios.Cluster;
using PushPlatform.Scenarios.Demo;

RootCommand command = DemoCommand.Create(TimeProvider.System);
command.Subcommands.Add(ChaosCommand.Create(TimeProvider.System));
command.Subcommands.Add(ClusterCommand.Create(TimeProvider.System));
return await command.Parse(args).InvokeAsync();
