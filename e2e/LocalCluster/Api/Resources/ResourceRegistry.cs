using System.Collections.Immutable;

namespace PushPlatform.LocalCluster.Api.Resources;

/// <summary>The resources that are served now. Readers see one consistent set; custom resources come and go.</summary>
internal sealed class ResourceRegistry
{
    private readonly Lock _mutex = new();
    private volatile ImmutableArrayBox _kinds = new([.. BuiltInKinds.All]);

    public ImmutableArray<ResourceKind> Kinds => _kinds.Value;

    public ResourceKind? Find(string group, string version, string plural) =>
        Kinds.FirstOrDefault(kind => kind.Group == group && kind.Version == version && kind.Plural == plural);

    /// <summary>Serves exactly these versions of <c>group/plural</c> from now on; none to stop serving it.</summary>
    public void Replace(string group, string plural, IEnumerable<ResourceKind> versions)
    {
        lock (_mutex)
        {
            _kinds = new([.. Kinds.Where(kind => kind.Group != group || kind.Plural != plural), .. versions]);
        }
    }

    // A volatile reference makes the struct's exchange atomic for readers without the lock.
    private sealed record ImmutableArrayBox(ImmutableArray<ResourceKind> Value);
}
