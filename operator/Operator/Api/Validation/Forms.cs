using System.Text.RegularExpressions;

namespace PushPlatform.Operator.Api.Validation;

/// <summary>The patterns of the schemas, and how to say them.</summary>
internal static partial class Forms
{
    public const string TrimmedInWords = "one line without spaces at its ends";
    public const string UrlInWords = "an address that begins with http:// or https:// and has no spaces";
    public const string Sha256InWords = "64 hex digits in lower case";
    public const string SpecHashInWords = "32 hex digits in lower case";
    public const string CampaignIdInWords = "letters, digits and . _ / -, first and last a letter or digit";
    public const string UnitInWords = "a vid or vid/device, each of 1 to 64 letters, digits and . _ : -, first a letter or digit";
    public const string PoolNameInWords = "lower-case letters, digits and -, first a letter and last a letter or digit";
    public const string ObjectNameInWords = "lower-case letters, digits and . -, first and last a letter or digit";
    public const string DataKeyInWords = "letters, digits and . _ -";
    public const string LabelNameInWords = "letters, digits and . _ / -, first and last a letter or digit";
    public const string LabelValueInWords = "empty, or letters, digits and . _ -, first and last a letter or digit";
    public const string ImageInWords = "an image without spaces";
    public const string TimeOfDayInWords = "a time of day, HH:mm or HH:mm:ss";
    public const string FailureCodeInWords = "letters, digits and . _ -, as a car says it";
    public const string ZoneNameInWords = "the IANA name of a time zone, such as Europe/Berlin";
    public const string QuantityInWords = "a quantity such as 500m, 2 or 1Gi";

    [GeneratedRegex(@"^\S(.*\S)?\z")]
    public static partial Regex Trimmed { get; }

    [GeneratedRegex(@"^https?://[^\s/]\S*\z")]
    public static partial Regex Url { get; }

    [GeneratedRegex(@"^[0-9a-f]{64}\z")]
    public static partial Regex Sha256 { get; }

    [GeneratedRegex(@"^[0-9a-f]{32}\z")]
    public static partial Regex SpecHash { get; }

    [GeneratedRegex(@"^[A-Za-z0-9]([A-Za-z0-9._/-]*[A-Za-z0-9])?\z")]
    public static partial Regex CampaignId { get; }

    [GeneratedRegex(@"^[A-Za-z0-9][A-Za-z0-9._:-]{0,63}(/[A-Za-z0-9][A-Za-z0-9._:-]{0,63})?\z")]
    public static partial Regex Unit { get; }

    [GeneratedRegex(@"^[a-z]([-a-z0-9]*[a-z0-9])?\z")]
    public static partial Regex PoolName { get; }

    [GeneratedRegex(@"^[a-z0-9]([-.a-z0-9]*[a-z0-9])?\z")]
    public static partial Regex ObjectName { get; }

    [GeneratedRegex(@"^[-._A-Za-z0-9]+\z")]
    public static partial Regex DataKey { get; }

    [GeneratedRegex(@"^[A-Za-z0-9]([A-Za-z0-9._/-]*[A-Za-z0-9])?\z")]
    public static partial Regex LabelName { get; }

    [GeneratedRegex(@"^([A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?)?\z")]
    public static partial Regex LabelValue { get; }

    [GeneratedRegex(@"^\S+\z")]
    public static partial Regex Image { get; }

    [GeneratedRegex(@"^([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9])?\z")]
    public static partial Regex TimeOfDay { get; }

    [GeneratedRegex(@"^[A-Za-z0-9._-]+\z")]
    public static partial Regex FailureCode { get; }

    [GeneratedRegex(@"^[A-Za-z][A-Za-z0-9_+-]*(/[A-Za-z0-9_+-]+)*\z")]
    public static partial Regex ZoneName { get; }

    [GeneratedRegex(@"^[0-9]+(\.[0-9]+)?(m|k|M|G|T|P|E|Ki|Mi|Gi|Ti|Pi|Ei)?\z")]
    public static partial Regex Quantity { get; }
}
