using PushPlatform.KubectlPush;
using PushPlatform.KubectlPush.Verbs;

return await PushCommand.InvokeAsync(args, PushTerminal.OfThisProcess(), TimeProvider.System);
