namespace PushPlatform.Kubernetes.LeaderElection;

/// <summary>Whether this process may act.</summary>
public interface ILeadership
{
    /// <summary>False again as soon as the lease may have run out, even while the renewal still hangs.</summary>
    bool IsLeader { get; }

    /// <summary>Completes when this process is the leader.</summary>
    /// <returns>A token that is cancelled when leadership is lost.</returns>
    Task<CancellationToken> WaitUntilLeadingAsync(CancellationToken cancellationToken);
}
