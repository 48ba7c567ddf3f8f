using System.Diagnostics;
using System.Text.Json.Nodes;
using Shouldly;
using Xunit;

namespace PushPlatform.Tests.Integration.Chart;

/// <summary>The nginx that stands in for the chart's own takes the configuration that is mounted into it.</summary>
public sealed class ChartNginxTests
{
    [Fact]
    public async Task Configuration_IsOneThatNginxTakes()
    {
        JsonObject files = (JsonObject)(await Helm.RenderAsync("trial-values.yaml")).Single(item => (string?)item["kind"] == "ConfigMap" && item["data"]!["nginx.conf"] is not null)["data"]!;
        DirectoryInfo folder = Directory.CreateTempSubdirectory("push-chart-nginx-");
        try
        {
            foreach ((string name, JsonNode? text) in files)
            {
                // The names of this machine in place of a pod's and a cluster's.
                string local = ((string)text!).Replace("/tmp/", $"{folder.FullName}/", StringComparison.Ordinal).Replace("push-platform-nginx-upstream.fleet.svc", "127.0.0.1", StringComparison.Ordinal);
                await File.WriteAllTextAsync(Path.Combine(folder.FullName, name), local, TestContext.Current.CancellationToken);
            }
            using Process nginx = Process.Start(new ProcessStartInfo("nginx", ["-e", "stderr", "-c", Path.Combine(folder.FullName, "nginx.conf"), "-t"]) { RedirectStandardError = true, UseShellExecute = false })!;
            string said = await nginx.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
            await nginx.WaitForExitAsync(TestContext.Current.CancellationToken);
            nginx.ExitCode.ShouldBe(0, said);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
