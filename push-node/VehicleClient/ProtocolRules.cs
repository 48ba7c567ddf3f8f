using System.Buffers;
using System.Text.RegularExpressions;

namespace PushPlatform.VehicleClient;

/// <summary>The limits of push.v1 (PROTOCOL.md §3 and §4), as far as a car must keep them.</summary>
internal static partial class ProtocolRules
{
    internal const string Subprotocol = "push.v1";
    internal const int MaxFromCar = 4096;
    internal const int MaxToCar = 65536;
    internal const int MaxSeen = 16;
    internal const int MaxLabels = 16;
    internal const int MaxDelivery = 200;
    internal const int MaxDetail = 200;
    internal const int MaxMessageId = 128;

    /// <summary>Labels with names that begin so are set by nodes alone.</summary>
    private const string NodesLabels = "pushplatform.io/";

    private static readonly SearchValues<char> CodeCharacters =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-");

    /// <summary>Of a vid or a device.</summary>
    internal static void RequireName(string name, string what)
    {
        if (!NamePattern().IsMatch(name))
        {
            throw new ArgumentException("It has 1-64 characters: a letter or digit, then letters, digits and . _ : -", what);
        }
    }

    internal static void RequireRole(string? role)
    {
        if (role is not null && !RolePattern().IsMatch(role))
        {
            throw new ArgumentException("A role has 1-32 lower-case letters, digits and - that begin with a letter.", nameof(role));
        }
    }

    internal static void RequireLabels(IReadOnlyDictionary<string, string>? labels)
    {
        if (labels is null)
        {
            return;
        }

        if (labels.Count > MaxLabels)
        {
            throw new ArgumentException($"A car has at most {MaxLabels} labels.", nameof(labels));
        }

        foreach ((string name, string value) in labels)
        {
            if (!LabelNamePattern().IsMatch(name) || name.StartsWith(NodesLabels, StringComparison.Ordinal) || !LabelValuePattern().IsMatch(value))
            {
                throw new ArgumentException($"Label '{name}' has a name or value outside the limits of the protocol.", nameof(labels));
            }
        }
    }

    internal static void RequireDelivery(string delivery)
    {
        if (!IsDelivery(delivery))
        {
            throw new ArgumentException($"A delivery id has 1-{MaxDelivery} visible ASCII characters.", nameof(delivery));
        }
    }

    internal static bool IsDelivery(string? delivery) =>
        delivery is { Length: > 0 and <= MaxDelivery } && !delivery.AsSpan().ContainsAnyExceptInRange('!', '~');

    internal static void RequireMessageId(string id)
    {
        if (!IsMessageId(id))
        {
            throw new ArgumentException($"A message's id has 1-{MaxMessageId} visible ASCII characters.", nameof(id));
        }
    }

    internal static bool IsMessageId(string id) => id.Length is > 0 and <= MaxMessageId && !id.AsSpan().ContainsAnyExceptInRange('!', '~');

    internal static void RequireCode(string? code)
    {
        if (code is not null && (code.Length is 0 or > 32 || code.AsSpan().ContainsAnyExcept(CodeCharacters)))
        {
            throw new ArgumentException("A code has 1-32 letters, digits and . _ -", nameof(code));
        }
    }

    internal static void RequireDetail(string? detail)
    {
        if (detail is { Length: > MaxDetail })
        {
            throw new ArgumentException($"A detail has at most {MaxDetail} characters.", nameof(detail));
        }
    }

    [GeneratedRegex(@"\A[A-Za-z0-9][A-Za-z0-9._:-]{0,63}\z", RegexOptions.CultureInvariant)]
    private static partial Regex NamePattern();

    [GeneratedRegex(@"\A[a-z](?:[a-z0-9-]{0,30}[a-z0-9])?\z", RegexOptions.CultureInvariant)]
    private static partial Regex RolePattern();

    [GeneratedRegex(@"\A[A-Za-z0-9](?:[A-Za-z0-9._/-]{0,61}[A-Za-z0-9])?\z", RegexOptions.CultureInvariant)]
    private static partial Regex LabelNamePattern();

    [GeneratedRegex(@"\A(?:[A-Za-z0-9](?:[A-Za-z0-9._-]{0,61}[A-Za-z0-9])?)?\z", RegexOptions.CultureInvariant)]
    private static partial Regex LabelValuePattern();
}
