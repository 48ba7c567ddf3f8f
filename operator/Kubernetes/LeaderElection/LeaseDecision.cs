using PushPlatform.Kubernetes.Models;

namespace PushPlatform.Kubernetes.LeaderElection;

internal enum LeaseStep
{
    /// <summary>There is no lease: make it.</summary>
    Create,

    /// <summary>It is ours: say that we live.</summary>
    Renew,

    /// <summary>Nobody holds it, or its holder shows no sign of life.</summary>
    TakeOver,

    /// <summary>Somebody else holds it.</summary>
    Wait,
}

/// <summary>What to do about the lease. Times in it are for people: nobody's clock but our own stopwatch is believed.</summary>
internal static class LeaseDecision
{
    /// <param name="lease">As just read; null = there is none.</param>
    /// <param name="identity">Ours.</param>
    /// <param name="unchangedFor">How long we have been seeing it in this very version.</param>
    /// <param name="leaseDuration">How long a silent holder is believed to live.</param>
    public static LeaseStep Next(V1Lease? lease, string identity, TimeSpan unchangedFor, TimeSpan leaseDuration)
    {
        if (lease is null)
        {
            return LeaseStep.Create;
        }

        var holder = lease.Spec?.HolderIdentity;
        if (holder == identity)
        {
            return LeaseStep.Renew;
        }

        return string.IsNullOrEmpty(holder) || unchangedFor >= leaseDuration ? LeaseStep.TakeOver : LeaseStep.Wait;
    }
}
