using System.Text;
using System.Text.Json.Nodes;
using PushPlatform.LocalCluster.Api.Resources;

namespace PushPlatform.LocalCluster.Api.Writing;

/// <summary>The few defaults of built-in kinds that clients read back.</summary>
internal static class BuiltInDefaults
{
    public static void OnCreate(JsonObject value, ResourceKind kind, ServiceAddresses addresses, string now)
    {
        switch (kind.Kind)
        {
            case "Namespace":
                value.Metadata().Child("labels")["kubernetes.io/metadata.name"] = value.Name();
                value["spec"] = new JsonObject { ["finalizers"] = new JsonArray("kubernetes") };
                value["status"] = new JsonObject { ["phase"] = "Active" };
                break;
            case "Pod":
                value["status"] = new JsonObject { ["phase"] = "Pending" };
                value.Child("spec")["terminationGracePeriodSeconds"] ??= 30;
                value.Child("spec")["restartPolicy"] ??= "Always";
                break;
            case "Service":
                Service(value);
                if (value.Text("spec", "clusterIP") is null or "")
                {
                    value.Child("spec")["clusterIP"] = addresses.Next();
                }
                break;
            case "CustomResourceDefinition":
                CustomResources.Establish(value, now);
                break;
            default:
                Both(value, kind);
                break;
        }
    }

    public static void OnUpdate(JsonObject current, JsonObject next, ResourceKind kind)
    {
        switch (kind.Kind)
        {
            case "Service":
                Service(next);
                next.Child("spec")["clusterIP"] ??= current.At("spec", "clusterIP")?.DeepClone();
                break;
            default:
                Both(next, kind);
                break;
        }
    }

    private static void Both(JsonObject value, ResourceKind kind)
    {
        switch (kind.Kind)
        {
            case "Deployment":
                Deployment(value.Child("spec"));
                break;
            case "ReplicaSet":
                value.Child("spec")["replicas"] ??= 1;
                break;
            case "Secret":
                Secret(value);
                break;
        }
    }

    private static void Service(JsonObject value)
    {
        JsonObject spec = value.Child("spec");
        spec["type"] ??= "ClusterIP";
        spec["sessionAffinity"] ??= "None";
        foreach (JsonObject port in spec.Items("ports").OfType<JsonObject>())
        {
            port["protocol"] ??= "TCP";
            port["targetPort"] ??= port["port"]?.DeepClone();
        }
    }

    private static void Deployment(JsonObject spec)
    {
        spec["replicas"] ??= 1;
        spec["progressDeadlineSeconds"] ??= 600;
        spec["revisionHistoryLimit"] ??= 10;
        JsonObject strategy = spec.Child("strategy");
        strategy["type"] ??= "RollingUpdate";
        if (strategy.Text("type") == "RollingUpdate")
        {
            JsonObject rolling = strategy.Child("rollingUpdate");
            rolling["maxSurge"] ??= "25%";
            rolling["maxUnavailable"] ??= "25%";
        }
    }

    // stringData is write-only: it is there for people, data is what is kept.
    private static void Secret(JsonObject value)
    {
        value["type"] ??= "Opaque";
        foreach ((string name, JsonNode? text) in value.Members("stringData"))
        {
            value.Child("data")[name] = Convert.ToBase64String(Encoding.UTF8.GetBytes(text?.ToString() ?? ""));
        }
        value.Remove("stringData");
    }
}
