using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace PushPlatform.Delivery.Telemetry;

/// <summary>How log lines are written to stdout.</summary>
public enum LogFormat
{
    /// <summary>A line for a person.</summary>
    Text,

    /// <summary>One JSON object a line, for whoever collects them.</summary>
    Json,
}

/// <summary>Logs to stdout: readable ones in a terminal, JSON in a cluster.</summary>
public static class PushLogging
{
    /// <summary>The variable that decides where the rule does not fit: <c>json</c> or <c>text</c>.</summary>
    public const string FormatVariable = "PUSH_LOG_FORMAT";

    /// <summary>Kubernetes sets it in every container.</summary>
    private const string InCluster = "KUBERNETES_SERVICE_HOST";

    /// <summary>What is asked for; else JSON in a cluster and wherever nobody looks on (a file, a pipe), text in a terminal.</summary>
    /// <param name="environment">Value of a variable; null or empty when it is not set.</param>
    /// <param name="isTerminal">Whether stdout is one.</param>
    /// <param name="faults">Gets a sentence when the variable says something else.</param>
    public static LogFormat ReadFormat(Func<string, string?> environment, bool isTerminal, ICollection<string> faults)
    {
        switch (environment(FormatVariable))
        {
            case "json":
                return LogFormat.Json;
            case "text":
                return LogFormat.Text;
            case { Length: > 0 } other:
                faults.Add($"{FormatVariable} is '{other}'; it must be one of json, text.");
                break;
        }

        return isTerminal && string.IsNullOrEmpty(environment(InCluster)) ? LogFormat.Text : LogFormat.Json;
    }

    /// <summary>Replaces all other ways to log. JSON lines carry the time in UTC, scopes, and the trace while one is recorded.</summary>
    public static ILoggingBuilder AddPushLogging(this ILoggingBuilder logging, LogFormat format)
    {
        logging.ClearProviders();
        // A line for each probe would bury everything else.
        logging.AddFilter("Microsoft.AspNetCore", LogLevel.Warning);
        logging.AddFilter("Microsoft.Hosting.Lifetime", LogLevel.Warning);
        logging.Configure(factory => factory.ActivityTrackingOptions = ActivityTrackingOptions.TraceId | ActivityTrackingOptions.SpanId);
        return format == LogFormat.Json
            ? logging.AddJsonConsole(json =>
            {
                json.TimestampFormat = "yyyy-MM-ddTHH:mm:ss.fffZ";
                json.UseUtcTimestamp = true;
                json.IncludeScopes = true;
            })
            : logging.AddSimpleConsole(lines =>
            {
                lines.SingleLine = true;
                lines.TimestampFormat = "HH:mm:ss ";
            });
    }
}
