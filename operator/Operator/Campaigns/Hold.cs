using PushPlatform.Operator.Api;

namespace PushPlatform.Operator.Campaigns;

/// <summary>Why nothing may leave just now, although nothing is wrong.</summary>
/// <param name="Phase">What the status calls it.</param>
/// <param name="Reason">Of the catalogue.</param>
/// <param name="Message">What has to happen for it to go on, for people.</param>
/// <param name="Until">When it lifts by itself; null when something has to happen first.</param>
internal sealed record Hold(CampaignPhase Phase, string Reason, string Message, DateTimeOffset? Until = null);
