using PushPlatform.Delivery.Ledger;
using PushPlatform.Fleet;

namespace PushPlatform.Scenarios.Chaos;

/// <summary>Holds what was seen against the guarantees. Pure; what is about time stands in <see cref="TimeChecks"/>.</summary>
internal static class Checker
{
    public static IReadOnlyList<Finding> Check(Observations seen) =>
    [
        .. seen.Revisions.Where(revision => !revision.Ended).SelectMany(revision => NeverEnded(seen, revision)),
        .. seen.Revisions.SelectMany(revision => NothingLost(seen, revision)),
        .. seen.Revisions.SelectMany(revision => revision.Differences.Select(difference => new Finding("G2", $"{revision.Delivery}: {difference}"))),
        .. EffectOnce(seen),
        .. seen.Revisions.SelectMany(revision => CapIsExact(seen, revision)),
        .. seen.Revisions.SelectMany(revision => NobodyElse(seen, revision)),
        .. seen.Revisions.SelectMany(revision => NotSentAgain(seen, revision)),
        .. seen.Revisions.SelectMany(revision => TriedAgain(seen, revision)),
        .. seen.Revisions.SelectMany(revision => Forgotten(seen, revision)),
        .. TimeChecks.Check(seen),
    ];

    private static IEnumerable<Finding> NeverEnded(Observations seen, RevisionSeen revision)
    {
        yield return new Finding("G1", $"{revision.Delivery} never came to its end ({revision.Ending}): {revision.Status}");
        foreach (CarSeen car in seen.Cars)
        {
            if (revision.Records?.GetValueOrDefault(car.Vid) is { State: DeliveryState.Pending or DeliveryState.Sent or DeliveryState.Received } record)
            {
                yield return new Finding("G1", $"{revision.Delivery}: {car.Vid} is left as {Words(record)}; it is {car.Connections}");
            }
        }
    }

    /// <summary>G1: whoever is a target was sent to until it answered or its attempts were used up, and the ledger tells of it what the car tells.</summary>
    private static IEnumerable<Finding> NothingLost(Observations seen, RevisionSeen revision)
    {
        if (revision.Ending is not (Ending.Completed or Ending.Expired) || !revision.Ended || revision.Records is not { } records)
        {
            yield break;
        }
        HashSet<string> got = [.. seen.Copies.Where(copy => copy.Delivery == revision.Delivery).Select(copy => copy.Vid)];
        // Its time may be up before its targets were all written down; then nothing was sent either.
        bool begun = revision.Ending == Ending.Completed || got.Count > 0;
        foreach (string vid in revision.Targets.Where(vid => begun && !records.ContainsKey(vid)).Order(StringComparer.Ordinal))
        {
            yield return new Finding("G1", $"{revision.Delivery}: {vid} is a target and not in the ledger");
        }
        foreach (CarSeen car in seen.Cars.DistinctBy(car => car.Vid))
        {
            if (!records.TryGetValue(car.Vid, out DeliveryRecord? record))
            {
                if (got.Contains(car.Vid))
                {
                    yield return new Finding("G2", $"{revision.Delivery}: {car.Vid} was sent it and is not in the ledger");
                }
            }
            else if (!IsLegitimate(record.State, car, revision))
            {
                yield return new Finding("G1", $"{revision.Delivery}: {car.Vid} (answers {car.Answer}) ended as {Words(record)}");
            }
            else if (record.State is DeliveryState.Delivered or DeliveryState.Failed or DeliveryState.Rejected && !got.Contains(car.Vid))
            {
                yield return new Finding("G1", $"{revision.Delivery}: {car.Vid} never saw it; its record: {Words(record)}");
            }
        }
    }

    private static bool IsLegitimate(DeliveryState state, CarSeen car, RevisionSeen revision) => state switch
    {
        DeliveryState.Delivered => car.Answer is VehicleAnswer.Received or VehicleAnswer.Installed,
        DeliveryState.Rejected => car.Answer == VehicleAnswer.Rejected,
        DeliveryState.Failed => car.IsSlow || car.Answer is VehicleAnswer.Failed or VehicleAnswer.Nothing,
        DeliveryState.Suppressed => revision.Cap is not null,
        DeliveryState.Expired => revision.Ending == Ending.Expired,
        _ => false,
    };

    /// <summary>G3: one delivery id per revision and vid, and whoever drops known ids shows each once; once more where it has failed and is tried again.</summary>
    private static IEnumerable<Finding> EffectOnce(Observations seen)
    {
        Dictionary<string, RevisionSeen> known = seen.Revisions.ToDictionary(revision => revision.Delivery);
        foreach (CarSeen car in seen.Cars)
        {
            foreach ((string delivery, int shown) in car.Shown)
            {
                if (!known.TryGetValue(delivery, out RevisionSeen? revision))
                {
                    yield return new Finding("G3", $"{car.Vid} was sent {delivery}, which no campaign of this schedule has");
                }
                else if (shown > (revision.TriedAgain is not null && car.Answer == VehicleAnswer.Failed ? 2 : 1))
                {
                    yield return new Finding("G3", $"{car.Vid} showed {delivery} {shown} times");
                }
            }
        }
    }

    /// <summary>G4: by the cars' count never over the cap, and by the ledger's not under it where enough wanted it.</summary>
    private static IEnumerable<Finding> CapIsExact(Observations seen, RevisionSeen revision)
    {
        if (revision.Cap is not { } cap)
        {
            yield break;
        }
        int told = seen.Copies.Where(copy => copy.Delivery == revision.Delivery).Select(copy => copy.Vid).Distinct().Count();
        if (told > cap)
        {
            yield return new Finding("G4", $"{revision.Delivery}: {told} cars were sent it with a cap of {cap}");
        }
        if (revision is { Ending: Ending.Completed, Ended: true, Records: { } records })
        {
            int settled = records.Values.Count(record => record.State != DeliveryState.Suppressed);
            if (settled != Math.Min(cap, records.Count))
            {
                yield return new Finding("G4", $"{revision.Delivery}: {settled} of {records.Count} targets were taken with a cap of {cap}");
            }
        }
    }

    private static IEnumerable<Finding> NobodyElse(Observations seen, RevisionSeen revision) =>
        seen.Copies.Where(copy => copy.Delivery == revision.Delivery && revision.Others.Contains(copy.Vid)).DistinctBy(copy => copy.Vid)
            .Select(copy => new Finding("G1", $"{revision.Delivery}: {copy.Vid} is no target and was sent it at {copy.At.TotalSeconds:0.00} s"));

    /// <summary>G10: a campaign that had begun, was deleted and created again sends nothing more. One that had sent nothing yet has nothing to send again.</summary>
    private static IEnumerable<Finding> NotSentAgain(Observations seen, RevisionSeen revision)
    {
        if (revision.RecreatedAt is not { } recreated || !seen.Copies.Any(copy => copy.Delivery == revision.Delivery && copy.At < recreated))
        {
            yield break;
        }
        foreach (Copy copy in seen.Copies.Where(copy => copy.Delivery == revision.Delivery && copy.At > recreated))
        {
            yield return new Finding("G10", $"{revision.Delivery}: {copy.Vid} was sent it at {copy.At.TotalSeconds:0.00} s, after the campaign was created again at {recreated.TotalSeconds:0.00} s");
        }
    }

    /// <summary>G1 of a retry: whoever had failed by then is told once more. Who failed for want of an answer has the notice in hand, and does not show it again.</summary>
    private static IEnumerable<Finding> TriedAgain(Observations seen, RevisionSeen revision) =>
        from car in seen.Cars
        where car.Answer == VehicleAnswer.Failed && revision.TriedAgain?.Contains(car.Vid) == true && car.Shown.GetValueOrDefault(revision.Delivery) < 2
        select new Finding("G1", $"{revision.Delivery}: {car.Vid} had failed, was to be tried again and was not; it is {car.Connections}");

    /// <summary>G1 of a cancellation: whoever is to forget it is told so and answers, unless it still has the notice in hand; and what the ledger says of it the car has done.</summary>
    private static IEnumerable<Finding> Forgotten(Observations seen, RevisionSeen revision)
    {
        // Of two devices with one vid either may have answered.
        foreach (CarSeen car in seen.Cars.GroupBy(car => car.Vid).Where(devices => devices.Count() == 1).Select(devices => devices.Single()))
        {
            if (!revision.Forgets.TryGetValue(car.Vid, out bool forgotten) || car.Answer == VehicleAnswer.Nothing)
            {
                continue;
            }
            if (!forgotten)
            {
                yield return new Finding("G1", $"{revision.Delivery}: {car.Vid} is to forget it and has not answered; it is {car.Connections}");
            }
            else if (car.Shown.GetValueOrDefault(revision.Delivery) > 0 && !car.Forgotten.Contains(revision.Delivery))
            {
                yield return new Finding("G1", $"{revision.Delivery}: {car.Vid} has forgotten it by the ledger alone");
            }
        }
    }

    private static string Words(DeliveryRecord record) => $"{record.State}, attempt {record.Attempt}, session {record.Session}";
}
