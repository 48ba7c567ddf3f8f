using System.Diagnostics.CodeAnalysis;

namespace PushPlatform.PushNode.Protocol;

/// <summary>What a vehicle's connection is for (PROTOCOL.md §1), as a name and as the label that it becomes.</summary>
internal static class VehicleRole
{
    /// <summary>The label whose value is the role. Only a node sets it.</summary>
    public const string Label = ReservedPrefix + "role";

    /// <summary>Labels that a vehicle cannot report: a node says what it knows, not what it is told.</summary>
    public const string ReservedPrefix = "pushplatform.io/";

    /// <summary>Characters.</summary>
    public const int MaxLength = 32;

    /// <summary>1 to 32 lower-case letters, digits and <c>-</c> that begin with a letter and do not end with <c>-</c>: fit for a path and for a label.</summary>
    public static bool IsValid(string role) =>
        role.Length is > 0 and <= MaxLength && char.IsAsciiLetterLower(role[0]) && role[^1] != '-'
        && role.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '-');

    /// <summary>The labels with that of the role, or without it where there is none. Null (the vehicle did not say) stays null.</summary>
    [return: NotNullIfNotNull(nameof(labels))]
    public static IReadOnlyDictionary<string, string>? Put(string? role, IReadOnlyDictionary<string, string>? labels)
    {
        if (labels is null || labels.GetValueOrDefault(Label) == role)
        {
            return labels;
        }

        Dictionary<string, string> all = new(labels);
        all.Remove(Label);
        if (role is not null)
        {
            all.Add(Label, role);
        }

        return all;
    }
}
