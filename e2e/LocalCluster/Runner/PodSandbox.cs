using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using PushPlatform.Kubernetes.Client;
using PushPlatform.LocalCluster.Api;

namespace PushPlatform.LocalCluster.Runner;

/// <summary>A pod's folder and what its containers are told: environment, arguments and volumes.</summary>
/// <remarks>
/// Nothing can be mounted without privileges, so each volume is a folder below the pod's own, and environment values and arguments that
/// are a mount path, or lie below one, are rewritten to it.
/// </remarks>
internal sealed partial class PodSandbox(ClusterApi api, JsonObject pod, string address, string folder)
{
    public string LogPath => Path.Combine(folder, "log");

    public PodIdentity Identity { get; } = new(pod.Namespace(), pod.Name(), pod.Uid());

    /// <summary>Writes Secret and ConfigMap volumes as files (again, when they changed).</summary>
    /// <exception cref="KubernetesException">Something that is not optional is missing.</exception>
    public async Task WriteVolumesAsync(CancellationToken cancellation)
    {
        foreach (JsonObject volume in pod.Items("spec", "volumes").OfType<JsonObject>())
        {
            string path = FolderOf(volume.Text("name") ?? "");
            Directory.CreateDirectory(path);
            if (volume["secret"] is { } secret)
            {
                JsonObject? content = await ReadAsync("secrets", secret.Text("secretName"), secret.Flag("optional"), cancellation);
                WriteFiles(path, secret, content.Members("data").Select(entry => KeyValuePair.Create(entry.Key, Convert.FromBase64String(entry.Value.Text() ?? ""))));
            }
            else if (volume["configMap"] is { } map)
            {
                JsonObject? content = await ReadAsync("configmaps", map.Text("name"), map.Flag("optional"), cancellation);
                WriteFiles(path, map, content.Members("data").Select(entry => KeyValuePair.Create(entry.Key, System.Text.Encoding.UTF8.GetBytes(entry.Value.Text() ?? ""))));
            }
        }
    }

    /// <summary>The container's environment; <c>POD_IP</c> is there even when the pod does not ask for it.</summary>
    /// <exception cref="KubernetesException">A key or object that is not optional is missing.</exception>
    public async Task<Dictionary<string, string?>> EnvironmentAsync(JsonObject container, CancellationToken cancellation)
    {
        Dictionary<string, string?> result = new() { ["POD_IP"] = address, ["HOSTNAME"] = pod.Name() };
        foreach (JsonObject source in container.Items("envFrom").OfType<JsonObject>())
        {
            bool isSecret = source["secretRef"] is not null;
            JsonNode? reference = source["secretRef"] ?? source["configMapRef"];
            JsonObject? content = await ReadAsync(isSecret ? "secrets" : "configmaps", reference.Text("name"), reference.Flag("optional"), cancellation);
            foreach ((string key, JsonNode? value) in content.Members("data"))
            {
                result[source.Text("prefix") + key] = Decode(value.Text(), isSecret);
            }
        }
        foreach (JsonObject variable in container.Items("env").OfType<JsonObject>())
        {
            string? value = variable["valueFrom"] is { } from ? await ResolveAsync(from, cancellation) : Expand(variable.Text("value") ?? "", result);
            result[variable.Text("name") ?? ""] = value is null ? null : Rewrite(value, container);
        }
        return result;
    }

    /// <summary>Arguments with <c>$(VARIABLE)</c> put in and mount paths rewritten.</summary>
    public IEnumerable<string> Arguments(JsonObject container, string field, IReadOnlyDictionary<string, string?> environment) =>
        container.Items(field).Select(argument => Rewrite(Expand(argument.Text() ?? "", environment), container));

    /// <summary><c>$(NAME)</c> of a known variable is its value, <c>$$</c> is one dollar, everything else stays.</summary>
    public static string Expand(string text, IReadOnlyDictionary<string, string?> environment) => Reference().Replace(text, match =>
        match.Value == "$$" ? "$" : environment.GetValueOrDefault(match.Groups["name"].Value) ?? match.Value);

    [GeneratedRegex(@"\$\$|\$\((?<name>[A-Za-z_][\w.-]*)\)", RegexOptions.ExplicitCapture)]
    private static partial Regex Reference();

    private string Rewrite(string text, JsonObject container)
    {
        foreach (JsonNode? mount in container.Items("volumeMounts"))
        {
            string mountPath = (mount.Text("mountPath") ?? "").TrimEnd('/');
            if (mountPath.Length > 0 && (text == mountPath || text.StartsWith(mountPath + "/", StringComparison.Ordinal)))
            {
                return Path.Combine(FolderOf(mount.Text("name") ?? ""), mount.Text("subPath") ?? "") + text[mountPath.Length..];
            }
        }
        return text;
    }

    private async Task<string?> ResolveAsync(JsonNode from, CancellationToken cancellation)
    {
        if (from.Text("fieldRef", "fieldPath") is { } path)
        {
            return Field(path);
        }
        bool isSecret = from.At("secretKeyRef") is not null;
        JsonNode? reference = from.At("secretKeyRef") ?? from.At("configMapKeyRef");
        if (reference is null)
        {
            return null;
        }
        bool optional = reference.Flag("optional");
        JsonObject? content = await ReadAsync(isSecret ? "secrets" : "configmaps", reference.Text("name"), optional, cancellation);
        string? value = content.Text("data", reference.Text("key") ?? "");
        return value is not null ? Decode(value, isSecret)
            : optional ? null
            : throw new InvalidDataException($"couldn't find key {reference.Text("key")} in {(isSecret ? "Secret" : "ConfigMap")} {pod.Namespace()}/{reference.Text("name")}");
    }

    private string? Field(string path)
    {
        if (path is "status.podIP" or "status.hostIP")
        {
            return address;
        }
        // metadata.labels['key'] is a path whose last step holds dots.
        int bracket = path.IndexOf("['", StringComparison.Ordinal);
        string[] steps = bracket < 0 ? path.Split('.') : [.. path[..bracket].Split('.'), path[(bracket + 2)..^2]];
        return pod.At(steps)?.ToString();
    }

    private static string Decode(string? value, bool isSecret) =>
        isSecret ? System.Text.Encoding.UTF8.GetString(Convert.FromBase64String(value ?? "")) : value ?? "";

    private async Task<JsonObject?> ReadAsync(string plural, string? name, bool optional, CancellationToken cancellation)
    {
        try
        {
            return await api.GetAsync(ClusterApi.PathOf("api/v1/" + plural, pod.Namespace(), name ?? ""), cancellation);
        }
        catch (KubernetesException missing) when (missing.IsNotFound && optional)
        {
            return null;
        }
    }

    private string FolderOf(string volume) => Path.Combine(folder, "volumes", volume);

    /// <summary>A volume's file stays in its volume.</summary>
    /// <exception cref="InvalidDataException">In the words of an API server, which refuses such a pod.</exception>
    private static string Inside(string path)
    {
        string? fault = path.StartsWith('/') ? "must be a relative path"
            : path.Split('/').Contains("..") ? "must not contain '..'"
            : path.StartsWith("..", StringComparison.Ordinal) ? "must not start with '..'"
            : null;
        return fault is null ? path : throw new InvalidDataException($"items[].path: Invalid value: \"{path}\": {fault}");
    }

    private static void WriteFiles(string path, JsonNode source, IEnumerable<KeyValuePair<string, byte[]>> content)
    {
        Dictionary<string, string> places = source.Items("items").ToDictionary(item => item.Text("key") ?? "", item => item.Text("path") ?? "");
        foreach ((string key, byte[] bytes) in content.Where(entry => places.Count == 0 || places.ContainsKey(entry.Key)))
        {
            string file = Path.Combine(path, Inside(places.GetValueOrDefault(key, key)));
            if (File.Exists(file) && File.ReadAllBytes(file).AsSpan().SequenceEqual(bytes))
            {
                continue;
            }
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            // A rename, so that a reader never sees half a file; the name's dot hides it from folder listings meanwhile.
            string written = Path.Combine(path, "." + Path.GetRandomFileName());
            File.WriteAllBytes(written, bytes);
            File.Move(written, file, overwrite: true);
        }
    }
}
