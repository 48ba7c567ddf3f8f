using System.Text.RegularExpressions;
using PushPlatform.KubectlPush;
using PushPlatform.KubectlPush.Verbs;

namespace PushPlatform.Tests.Integration.KubectlPush;

/// <summary>The plugin as one user types it.</summary>
/// <param name="kubeconfig">Whose token names the user.</param>
/// <param name="namespace">Where.</param>
internal sealed partial class Plugin(string kubeconfig, string @namespace) : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("push-plugin-").FullName;

    /// <summary>The same, as somebody else: to LocalCluster a token is its holder's name.</summary>
    public Plugin As(string user)
    {
        string own = Path.Combine(_folder, user);
        File.WriteAllText(own, UserOfKubeconfig().Replace(File.ReadAllText(kubeconfig), $"user: {{token: {user}}}"));
        return new Plugin(own, @namespace);
    }

    /// <summary>The same with a kubeconfig that names nobody.</summary>
    public Plugin AsNobody()
    {
        string own = Path.Combine(_folder, "nobody");
        File.WriteAllText(own, UserOfKubeconfig().Replace(File.ReadAllText(kubeconfig), "user: {}"));
        return new Plugin(own, @namespace);
    }

    public string PathOf(string name) => Path.Combine(_folder, name);

    /// <param name="line">What is typed behind <c>kubectl push</c>.</param>
    /// <param name="answer">What is typed when it asks; null: nobody sits there.</param>
    public async Task<Said> RunAsync(string line, string? answer = null)
    {
        using StringWriter output = new();
        using StringWriter error = new();
        using StringReader input = new(answer ?? "");
        PushTerminal terminal = new(output, error, input, CanAsk: answer is not null, CanRedraw: false);
        int code = await PushCommand.InvokeAsync([.. line.Split(' '), "--kubeconfig", kubeconfig, "-n", @namespace], terminal, TimeProvider.System);
        return new Said(code, output.ToString(), error.ToString());
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [GeneratedRegex(@"user: \{token: [^}]*\}")]
    private static partial Regex UserOfKubeconfig();

    internal sealed record Said(int Code, string Out, string Error)
    {
        public IReadOnlyList<string> Lines => Out.Split('\n', StringSplitOptions.RemoveEmptyEntries);

        public override string ToString() => $"exit code {Code}\n{Out}\n{Error}";
    }
}
