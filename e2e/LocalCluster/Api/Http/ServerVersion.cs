using System.Text.Json.Nodes;

namespace PushPlatform.LocalCluster.Api.Http;

/// <summary>The Kubernetes version whose behaviour is imitated.</summary>
internal static class ServerVersion
{
    public const string GitVersion = "v1.35.0+pushplatform.localcluster";

    public static JsonObject ToJson() => new()
    {
        ["major"] = "1",
        ["minor"] = "35",
        ["gitVersion"] = GitVersion,
        ["gitCommit"] = "",
        ["gitTreeState"] = "clean",
        ["buildDate"] = "1970-01-01T00:00:00Z",
        ["goVersion"] = "",
        ["compiler"] = "",
        ["platform"] = "linux/amd64",
    };
}
