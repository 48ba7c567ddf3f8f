using Microsoft.Extensions.DependencyInjection;

namespace PushPlatform.Kubernetes.Controllers;

public static class OperatorServiceCollectionExtensions
{
    /// <summary>Adds the client, the leader election, events and health; controllers are added to what is returned. Call it once per host.</summary>
    public static IOperatorBuilder AddKubernetesOperator(this IServiceCollection services, Action<OperatorSettings>? configure = null)
    {
        var settings = new OperatorSettings();
        configure?.Invoke(settings);
        throw new NotSupportedException($"the runtime of {settings.Name} on {services.Count} services is being built");
    }
}
