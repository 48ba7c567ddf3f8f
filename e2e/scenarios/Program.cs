using PushPlatform.Scenarios.Demo;

return await DemoCommand.Create(TimeProvider.System).Parse(args).InvokeAsync();
