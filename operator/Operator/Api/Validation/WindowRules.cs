using NodaTime;

namespace PushPlatform.Operator.Api.Validation;

/// <summary>What <c>spec.schedule.windows</c> must hold. Whether a time zone exists is known to the operator alone.</summary>
internal static class WindowRules
{
    public static void Check(FaultList faults, IReadOnlyList<SendWindow>? windows) =>
        faults.Items("spec.schedule.windows", windows, 1, 16, (path, window) =>
        {
            faults.Items($"{path}.days", window.Days, 1, 7);
            faults.Text($"{path}.from", window.From, 0, 8, Forms.TimeOfDay, Forms.TimeOfDayInWords);
            faults.Text($"{path}.to", window.To, 0, 8, Forms.TimeOfDay, Forms.TimeOfDayInWords);
            faults.Text($"{path}.timeZone", window.TimeZone, 0, 64, Forms.ZoneName, Forms.ZoneNameInWords);
            faults.Require(
                DateTimeZoneProviders.Tzdb.GetZoneOrNull(window.TimeZone) is not null,
                $"{path}.timeZone",
                $"'{window.TimeZone}' is no time zone: give an IANA name such as Europe/Berlin");
        });
}
