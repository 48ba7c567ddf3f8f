using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using PushPlatform.Tests.Resources;

namespace PushPlatform.Tests.Integration.GitOps;

/// <summary>Asks a health.lua of <c>crds/gitops/argocd</c> as Argo CD does: Lua 5.1, the resource in <c>obj</c>, and next to nothing of Lua's library.</summary>
internal static class ArgoHealth
{
    // Argo CD opens Lua's base, and tables and strings, but neither files nor modules.
    private const string Ask = """
        local chunk = assert(loadfile(arg_path))
        setfenv(chunk, {obj = resource, ipairs = ipairs, pairs = pairs, type = type, tostring = tostring, tonumber = tonumber, string = string, table = table})
        local health = chunk()
        io.write(health.status, "\n", health.message or "")
        """;

    public static string PathOf(string kind) => Path.Combine(ResourceTable.Root, "crds", "gitops", "argocd", kind, "health.lua");

    public static async Task<(string Status, string Message)> OfAsync(string kind, JsonObject resource)
    {
        ProcessStartInfo info = new("lua5.1", "-") { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false };
        using var lua = Process.Start(info)!;
        await lua.StandardInput.WriteAsync($"local arg_path = {Literal(PathOf(kind))}\nlocal resource = {Literal(resource)}\n{Ask}");
        lua.StandardInput.Close();
        Task<string> faults = lua.StandardError.ReadToEndAsync();
        string answer = await lua.StandardOutput.ReadToEndAsync();
        await lua.WaitForExitAsync();
        if (lua.ExitCode != 0)
        {
            throw new InvalidOperationException(await faults);
        }

        string[] lines = answer.Split('\n', 2);
        return (lines[0], lines[1]);
    }

    private static string Literal(JsonNode? node) => node switch
    {
        null => "nil",
        JsonObject members => $"{{{string.Join(", ", members.Select(member => $"[{Literal(member.Key)}] = {Literal(member.Value)}"))}}}",
        JsonArray items => $"{{{string.Join(", ", items.Select(Literal))}}}",
        JsonValue value when value.TryGetValue(out string? text) => Literal(text),
        _ => node.ToJsonString(),
    };

    private static string Literal(string text)
    {
        StringBuilder literal = new("\"");
        foreach (byte one in Encoding.UTF8.GetBytes(text))
        {
            // Three digits, so that none that follows is taken for one of them.
            literal.Append(CultureInfo.InvariantCulture, $"\\{one:000}");
        }

        return literal.Append('"').ToString();
    }
}
