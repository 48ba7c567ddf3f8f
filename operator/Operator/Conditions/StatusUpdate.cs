using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using PushPlatform.Kubernetes.Client;
using PushPlatform.Kubernetes.Models;

namespace PushPlatform.Operator.Conditions;

/// <summary>Puts a status in the place of the one that stands, as the only owner of its fields.</summary>
internal sealed class StatusUpdate(IKubernetesClient kubernetes, KubernetesJson json)
{
    private const string FieldManager = "push-operator-status";

    /// <summary>Whether the API server would see a difference. Records with lists inside compare by reference; what it keeps is their JSON.</summary>
    public bool AreEqual<TStatus>(TStatus before, TStatus next) => Text(before) == Text(next);

    /// <param name="entity">As it was read for this status.</param>
    /// <param name="next">All of the status: what it leaves out is taken away.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>False: the object has changed since, or was made again. Look at it anew; an older answer never covers a newer one.</returns>
    public async Task<bool> TryUpdateAsync<TEntity, TSpec, TStatus>(TEntity entity, TStatus next, CancellationToken cancellationToken)
        where TEntity : CustomKubernetesEntity<TSpec, TStatus>, new()
        where TSpec : new()
        where TStatus : new()
    {
        var written = new TEntity
        {
            Metadata = new V1ObjectMeta { Name = entity.Name(), NamespaceProperty = entity.Namespace(), ResourceVersion = entity.ResourceVersion() },
            Spec = entity.Spec,
            Status = next,
        };
        try
        {
            await kubernetes.UpdateStatusAsync(written, FieldManager, cancellationToken);
            return true;
        }
        catch (KubernetesException moved) when (moved.IsConflict || moved.IsNotFound)
        {
            return false;
        }
    }

    private string Text<TStatus>(TStatus status) => JsonSerializer.Serialize(status, (JsonTypeInfo<TStatus>)json.Options.GetTypeInfo(typeof(TStatus)));
}
