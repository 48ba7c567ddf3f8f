namespace PushPlatform.Scenarios.Cluster;

/// <summary>kubectl as a person would type it, for what is a person's to do.</summary>
internal sealed class Kubectl(string space)
{
    /// <exception cref="InvalidOperationException">It failed; says what it said.</exception>
    public async Task<string> RunAsync(CancellationToken cancellationToken, params string[] arguments)
    {
        (int code, string said) = await TryAsync(null, cancellationToken, arguments);
        return code == 0 ? said : throw new InvalidOperationException($"kubectl {string.Join(' ', arguments)}: {said}");
    }

    /// <param name="input">What it reads, if anything.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <param name="arguments">What is typed behind the namespace.</param>
    /// <returns>Its exit code, and what it said.</returns>
    public Task<(int Code, string Said)> TryAsync(string? input, CancellationToken cancellationToken, params string[] arguments) =>
        CommandLine.TryAsync("kubectl", input, ["--namespace", space, .. arguments], cancellationToken);

    /// <summary>Applies YAML or JSON, as from a file.</summary>
    /// <exception cref="InvalidOperationException">It was refused; says why.</exception>
    public async Task ApplyAsync(string manifest, CancellationToken cancellationToken)
    {
        (int code, string said) = await TryAsync(manifest, cancellationToken, "apply", "--filename", "-");
        if (code != 0)
        {
            throw new InvalidOperationException(said);
        }
    }

    /// <summary>Whether a service account may do it, as <c>kubectl auth can-i</c> tells.</summary>
    /// <param name="account"><c>namespace:name</c>.</param>
    /// <param name="right"><c>verb resource.group</c>, with <c>/name</c> for one of that name, or with <c>:subresource</c>.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="InvalidOperationException">It could not be asked, or the server knows no such resource.</exception>
    public async Task<bool> MayAsync(string account, string right, CancellationToken cancellationToken)
    {
        string[] words = right.Split(' ', ':');
        string[] asked = words.Length > 2 ? [words[0], words[1], "--subresource", words[2]] : words;
        (_, string said) = await TryAsync(null, cancellationToken, ["auth", "can-i", .. asked, "--as", $"system:serviceaccount:{account}"]);
        // A warning, such as that a resource has no namespace, comes behind the answer.
        string answer = said.Split('\n')[0];
        bool may = answer == "yes";
        return (may || answer.StartsWith("no", StringComparison.Ordinal)) && !said.Contains("doesn't have a resource type", StringComparison.Ordinal)
            ? may
            : throw new InvalidOperationException($"kubectl auth can-i {right}: {said}");
    }
}
