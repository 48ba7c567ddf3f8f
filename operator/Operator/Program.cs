using System.Net;
using PushPlatform.Delivery.Telemetry;
using PushPlatform.Operator.Hosting;
using PushPlatform.Operator.Inquiry;

// The composition root, and the only reader of the environment.
List<string> faults = [];
OperatorOptions? options = OperatorOptions.Read(Environment.GetEnvironmentVariable, faults, isTerminal: !Console.IsOutputRedirected);
if (options is null)
{
    foreach (string fault in faults)
    {
        await Console.Error.WriteLineAsync(fault);
    }
    return 2;
}

WebApplicationBuilder builder = WebApplication.CreateSlimBuilder(args);
builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Parse(options.BindAddress), options.HealthPort));
builder.ListenForInquiries(options, TimeProvider.System);
builder.Logging.AddPushLogging(options.LogFormat);
builder.Services.AddSingleton(TimeProvider.System);
builder.Services.AddOperator(options);

await using WebApplication app = builder.Build();
app.AnswerInquiries(options);
app.MapHealth();
await app.RunAsync();
return Environment.ExitCode;
