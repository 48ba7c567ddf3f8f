namespace PushPlatform.Operator.Campaigns;

/// <summary>
/// The catalogue: every reason that stands in a condition or an event of a PushCampaign. They are part of the API: scripts wait for them,
/// so one is added, never renamed.
/// </summary>
internal static class Reasons
{
    // Ready
    public const string Accepted = nameof(Accepted);
    public const string NotSeenYet = nameof(NotSeenYet);

    // Ready=False until the dependency is back or there
    public const string PoolNotFound = nameof(PoolNotFound);
    public const string ListNotFound = nameof(ListNotFound);
    public const string ListUnavailable = nameof(ListUnavailable);
    public const string RedisUnavailable = nameof(RedisUnavailable);
    public const string BusUnavailable = nameof(BusUnavailable);

    // Ready=False and Stalled=True: a person must act
    public const string InvalidSpec = nameof(InvalidSpec);
    public const string InvalidList = nameof(InvalidList);
    public const string ListNotAllowed = nameof(ListNotAllowed);
    public const string ListHashMismatch = nameof(ListHashMismatch);
    public const string RevisionReused = nameof(RevisionReused);
    public const string CampaignIdInUse = nameof(CampaignIdInUse);
    public const string LedgerLost = nameof(LedgerLost);

    // Reconciling=True
    public const string ReadingLists = nameof(ReadingLists);
    public const string Previewing = nameof(Previewing);
    public const string Freezing = nameof(Freezing);
    public const string Ending = nameof(Ending);
    public const string GaveWay = nameof(GaveWay);
    public const string Waiting = nameof(Waiting);

    // Suspended=True
    public const string SuspendedByUser = nameof(SuspendedByUser);

    // Paused=True, one for each thing that the platform holds a campaign for
    public const string TooManyTargets = nameof(TooManyTargets);
    public const string TooFewOnline = nameof(TooFewOnline);
    public const string OutsideWindow = nameof(OutsideWindow);
    public const string Queued = nameof(Queued);
    public const string Superseding = nameof(Superseding);
    public const string AwaitingApproval = nameof(AwaitingApproval);
    public const string Denied = nameof(Denied);
    public const string Soaking = nameof(Soaking);
    public const string StepUnsuccessful = nameof(StepUnsuccessful);
    public const string AwaitingPromotion = nameof(AwaitingPromotion);

    // The same, and why a tombstone says Aborted
    public const string LimitExceeded = nameof(LimitExceeded);

    // Pushed, Complete and Succeeded before the end
    public const string NotStarted = nameof(NotStarted);
    public const string Pushing = nameof(Pushing);
    public const string OnlineSettled = nameof(OnlineSettled);
    public const string InProgress = nameof(InProgress);

    // Complete=True, one for each way to end
    public const string Succeeded = nameof(Succeeded);
    public const string PartiallySucceeded = nameof(PartiallySucceeded);
    public const string Failed = nameof(Failed);
    public const string NoTargets = nameof(NoTargets);
    public const string Aborted = nameof(Aborted);
    public const string Cancelled = nameof(Cancelled);
    public const string Expired = nameof(Expired);
    public const string Superseded = nameof(Superseded);

    // Events only
    public const string PreviewReady = nameof(PreviewReady);
    public const string Started = nameof(Started);
    public const string Pushed = nameof(Pushed);
    public const string Suspended = nameof(Suspended);
    public const string Paused = nameof(Paused);
    public const string Resumed = nameof(Resumed);
    public const string Retried = nameof(Retried);
    public const string RetryRefused = nameof(RetryRefused);
    public const string Approved = nameof(Approved);
    public const string Promoted = nameof(Promoted);
    public const string Recovered = nameof(Recovered);
    public const string Completed = nameof(Completed);
    public const string AlreadyPushed = nameof(AlreadyPushed);
    public const string DeletedWhileUnreachable = nameof(DeletedWhileUnreachable);

    // Why a tombstone says Aborted
    public const string Deleted = nameof(Deleted);
    public const string OwnerGone = nameof(OwnerGone);
    public const string StepFailed = nameof(StepFailed);
    public const string Conflict = nameof(Conflict);
}
