namespace PushPlatform.Operator.Conditions;

/// <summary>The conditions that every one of our resources may have, named and meant as in kstatus, so that general tools understand them.</summary>
internal static class ConditionTypes
{
    public const string Ready = nameof(Ready);
    public const string Reconciling = nameof(Reconciling);

    /// <summary>A person must act.</summary>
    public const string Stalled = nameof(Stalled);
}
