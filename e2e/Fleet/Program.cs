using PushPlatform.Fleet;

return await FleetCommand.Create().Parse(args).InvokeAsync();
