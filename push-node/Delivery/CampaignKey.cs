namespace PushPlatform.Delivery;

/// <summary>One revision of one campaign: the key of a ledger.</summary>
/// <param name="Pool">The pool whose vehicles it is for.</param>
/// <param name="CampaignId">What the user calls it; has no <c>{ } #</c>, which the key's form needs.</param>
/// <param name="Revision">From 1; raised to push again on purpose.</param>
public readonly record struct CampaignKey(PoolName Pool, string CampaignId, int Revision)
{
    /// <summary>The id that every vehicle gets with every attempt of this revision (G3).</summary>
    public string DeliveryId => $"{CampaignId}#{Revision}";

    /// <inheritdoc/>
    public override string ToString() => $"{Pool}/{CampaignId}#{Revision}";
}
