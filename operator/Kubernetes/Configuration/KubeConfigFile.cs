using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace PushPlatform.Kubernetes.Configuration;

/// <summary>
/// What stands in one or more kubeconfig files. Merged as kubectl does it: the first file that names a cluster, user or context (or the current
/// context) wins, and paths are relative to the file they stand in.
/// </summary>
internal sealed class KubeConfigFile
{
    private readonly Dictionary<string, Entry> _clusters = [];
    private readonly Dictionary<string, Entry> _users = [];
    private readonly Dictionary<string, Entry> _contexts = [];

    public string? CurrentContext { get; private set; }

    public IEnumerable<string> ContextNames => _contexts.Keys;

    /// <summary>One named part of a file, and the folder that its relative paths start from.</summary>
    internal sealed record Entry(YamlMappingNode Node, string Folder)
    {
        public string? Text(string key) => Child(Node, key) is YamlScalarNode { Value: { Length: > 0 } value } ? value : null;

        public bool Flag(string key) => string.Equals(Text(key), "true", StringComparison.OrdinalIgnoreCase);

        public Entry? Map(string key) => Child(Node, key) is YamlMappingNode map ? new Entry(map, Folder) : null;

        public IEnumerable<YamlNode> List(string key) => Child(Node, key) is YamlSequenceNode list ? list : [];

        public string? Path(string key) => Text(key) is { } path ? System.IO.Path.GetFullPath(path, Folder) : null;
    }

    public Entry? Cluster(string name) => _clusters.GetValueOrDefault(name);

    public Entry? User(string name) => _users.GetValueOrDefault(name);

    public Entry? Context(string name) => _contexts.GetValueOrDefault(name);

    /// <exception cref="YamlException">Not YAML.</exception>
    public void Add(TextReader yaml, string folder)
    {
        var stream = new YamlStream();
        stream.Load(yaml);
        if (stream.Documents.Count == 0 || stream.Documents[0].RootNode is not YamlMappingNode root)
        {
            return;
        }

        var file = new Entry(root, folder);
        CurrentContext ??= file.Text("current-context");
        Collect(file, "clusters", "cluster", _clusters);
        Collect(file, "users", "user", _users);
        Collect(file, "contexts", "context", _contexts);
    }

    private static void Collect(Entry file, string listKey, string itemKey, Dictionary<string, Entry> into)
    {
        foreach (var item in file.List(listKey).OfType<YamlMappingNode>())
        {
            if (Child(item, "name") is YamlScalarNode { Value: { } name })
            {
                into.TryAdd(name, new Entry(Child(item, itemKey) as YamlMappingNode ?? [], file.Folder));
            }
        }
    }

    private static YamlNode? Child(YamlMappingNode node, string key) =>
        node.Children.TryGetValue(new YamlScalarNode(key), out var child) ? child : null;
}
