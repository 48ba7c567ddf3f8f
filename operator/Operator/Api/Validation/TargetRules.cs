using PushPlatform.Delivery;

namespace PushPlatform.Operator.Api.Validation;

/// <summary>What <c>spec.targets</c> must hold.</summary>
internal static class TargetRules
{
    private const int MostLabels = 16;

    public const string NoDevicesInWords = "but the pool has sessions: Single and knows no devices: give the vid alone";

    public static void Check(FaultList faults, Targets targets)
    {
        const string path = "spec.targets";
        faults.Require(
            targets.All || targets.Vids is not null || targets.VidsFrom is not null || targets.Selector is not null || targets.Geo is not null,
            path,
            "say who is meant: give at least one of vids, vidsFrom, selector and geo, or all: true for the whole fleet");
        faults.Range($"{path}.seenWithinSeconds", targets.SeenWithinSeconds, 0, 7_776_000);
        faults.Range($"{path}.maxRecipients", targets.MaxRecipients, 1, 100_000_000);
        faults.Range($"{path}.maxTargets", targets.MaxTargets, 1, 100_000_000);
        faults.Items($"{path}.vids", targets.Vids, 1, 1000, (at, unit) => Unit(faults, at, unit));
        faults.Items($"{path}.excludeVids", targets.ExcludeVids, 0, 1000, (at, unit) => Unit(faults, at, unit));
        faults.Items($"{path}.vidsFrom", targets.VidsFrom, 1, 64, (at, source) => List(faults, at, source));
        if (targets.Selector is { } selector)
        {
            Selector(faults, $"{path}.selector", selector);
        }
        if (targets.Geo is { } geo)
        {
            GeoRules.Check(faults, $"{path}.geo", geo);
        }
    }

    private static void Unit(FaultList faults, string path, string unit) => faults.Text(path, unit, 1, 129, Forms.Unit, Forms.UnitInWords);

    private static void NoDevice(FaultList faults, string path, string unit) =>
        faults.Require(!UnitId.NamesDevice(unit), path, $"is '{unit}', {NoDevicesInWords}");

    /// <summary>What a pool that does not tell devices apart cannot carry out.</summary>
    public static void CheckDevices(FaultList faults, Targets targets)
    {
        faults.Items("spec.targets.vids", targets.Vids, 0, int.MaxValue, (at, unit) => NoDevice(faults, at, unit));
        faults.Items("spec.targets.excludeVids", targets.ExcludeVids, 0, int.MaxValue, (at, unit) => NoDevice(faults, at, unit));
    }

    private static void List(FaultList faults, string path, VidSource list)
    {
        int given = (list.ConfigMapKeyRef is null ? 0 : 1) + (list.ConfigMapRef is null ? 0 : 1) + (list.Http is null ? 0 : 1);
        faults.Require(given == 1, path, "say where the list is: give exactly one of configMapKeyRef, configMapRef and http");
        faults.Text($"{path}.configMapKeyRef.name", list.ConfigMapKeyRef?.Name, 1, 253, Forms.ObjectName, Forms.ObjectNameInWords);
        faults.Text($"{path}.configMapKeyRef.key", list.ConfigMapKeyRef?.Key, 1, 253, Forms.DataKey, Forms.DataKeyInWords);
        faults.Text($"{path}.configMapRef.name", list.ConfigMapRef?.Name, 1, 253, Forms.ObjectName, Forms.ObjectNameInWords);
        faults.Text($"{path}.http.url", list.Http?.Url, 1, 2048, Forms.Url, Forms.UrlInWords);
        faults.Text($"{path}.http.sha256", list.Http?.Sha256, 64, 64, Forms.Sha256, Forms.Sha256InWords);
    }

    private static void Selector(FaultList faults, string path, TargetSelector selector)
    {
        faults.Require(
            selector.MatchLabels is { Count: > 0 } || selector.MatchExpressions is { Count: > 0 },
            path,
            "an empty selector matches nobody in particular: give matchLabels or matchExpressions, or leave selector out");
        faults.Require(
            selector.MatchLabels?.Keys.All(name => name.Length is >= 1 and <= 63) != false,
            $"{path}.matchLabels",
            "a label's name has 1 to 63 characters");
        faults.Entries($"{path}.matchLabels", selector.MatchLabels, MostLabels, (at, value) => LabelValue(faults, at, value));
        faults.Items($"{path}.matchExpressions", selector.MatchExpressions, 0, 32, (at, requirement) => Requirement(faults, at, requirement));
    }

    private static void Requirement(FaultList faults, string path, TargetRequirement requirement)
    {
        faults.Text($"{path}.key", requirement.Key, 1, 63, Forms.LabelName, Forms.LabelNameInWords);
        bool compares = requirement.Operator is RequirementOperator.In or RequirementOperator.NotIn;
        bool hasValues = requirement.Values is { Count: > 0 };
        faults.Require(!compares || hasValues, $"{path}.values", "the operators In and NotIn need values");
        faults.Require(compares || !hasValues, $"{path}.values", "the operators Exists and DoesNotExist take no values");
        faults.Items($"{path}.values", requirement.Values, 0, 64, (at, value) => LabelValue(faults, at, value));
    }

    private static void LabelValue(FaultList faults, string path, string value) =>
        faults.Text(path, value, 0, 63, Forms.LabelValue, Forms.LabelValueInWords);
}
