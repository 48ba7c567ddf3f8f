using PushPlatform.Benchmarks;
using PushPlatform.Benchmarks.Micro;

return args is [MicroCommand.Name, .. var rest] ? MicroCommand.Run(rest) : await BenchCommand.Create().Parse(args).InvokeAsync();
