namespace PushPlatform.Delivery;

/// <summary>Redis did not answer, or not in time. Whether the effect happened is unknown: every operation here may be repeated.</summary>
public sealed class StoreUnavailableException(string message, Exception? inner = null) : Exception(message, inner);
