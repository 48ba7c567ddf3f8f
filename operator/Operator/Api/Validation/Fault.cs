namespace PushPlatform.Operator.Api.Validation;

/// <summary>One reason to refuse a resource.</summary>
/// <param name="Path">The field as a person writes it: <c>spec.targets.vids[3]</c>.</param>
/// <param name="Message">What is wrong and what to do, without the path.</param>
public sealed record Fault(string Path, string Message)
{
    /// <inheritdoc/>
    public override string ToString() => $"{Path}: {Message}";
}
