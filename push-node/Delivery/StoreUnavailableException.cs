namespace PushPlatform.Delivery;

/// <summary>Redis did not answer, or not in time. Whether the effect happened is unknown: every operation here may be repeated.</summary>
public class StoreUnavailableException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>
/// Redis answered, and what stands there is none of ours: a key of another type, or a value that cannot be read. Asking again helps once a
/// person has put it right; the server is well, and all that lies elsewhere goes on.
/// </summary>
public sealed class StoreDamagedException(string message, Exception? inner = null) : StoreUnavailableException(message, inner);
