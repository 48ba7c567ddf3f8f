using PushPlatform.LocalCluster.Api.Apply;
using PushPlatform.LocalCluster.Api.Resources;

namespace PushPlatform.LocalCluster.Api.Writing;

/// <summary>
/// What a write is about, apart from its content. <paramref name="Warnings"/> is filled with what the client should be told although
/// the write is accepted; <paramref name="User"/> is who asks.
/// </summary>
internal sealed record WriteRequest(
    ResourceKind Kind, string Namespace, string Name, string Subresource, string FieldManager, string FieldValidation, bool DryRun, bool Force, string Now, List<string> Warnings, string User)
{
    public ManagerId Manager(string operation) => new(FieldManager, operation, Subresource);
}
