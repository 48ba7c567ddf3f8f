using NodaTime;

namespace PushPlatform.Operator.Api.Validation;

/// <summary>What <c>spec.schedule.windows</c> and <c>quietHours</c> must hold. Whether a time zone exists is known to the operator alone.</summary>
internal static class WindowRules
{
    public static void Check(FaultList faults, Schedule? schedule)
    {
        faults.Items("spec.schedule.windows", schedule?.Windows, 1, 16, (path, window) =>
        {
            faults.Items($"{path}.days", window.Days, 1, 7);
            Times(faults, path, window.From, window.To);
            Zone(faults, path, window.TimeZone);
        });
        if (schedule?.QuietHours is { } quiet)
        {
            Times(faults, "spec.schedule.quietHours", quiet.From, quiet.To);
            Zone(faults, "spec.schedule.quietHours", quiet.TimeZone);
            faults.Require(
                WithSeconds(quiet.From) != WithSeconds(quiet.To),
                "spec.schedule.quietHours.to",
                "quiet hours that end when they begin would never end: give another time");
        }
    }

    private static void Times(FaultList faults, string path, string from, string to)
    {
        faults.Text($"{path}.from", from, 0, 8, Forms.TimeOfDay, Forms.TimeOfDayInWords);
        faults.Text($"{path}.to", to, 0, 8, Forms.TimeOfDay, Forms.TimeOfDayInWords);
    }

    private static void Zone(FaultList faults, string path, string name)
    {
        faults.Text($"{path}.timeZone", name, 0, 64, Forms.ZoneName, Forms.ZoneNameInWords);
        faults.Require(
            DateTimeZoneProviders.Tzdb.GetZoneOrNull(name) is not null,
            $"{path}.timeZone",
            $"'{name}' is no time zone: give an IANA name such as Europe/Berlin");
    }

    private static string WithSeconds(string time) => time.Length == 5 ? $"{time}:00" : time;
}
