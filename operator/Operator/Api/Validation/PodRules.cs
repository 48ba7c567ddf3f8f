namespace PushPlatform.Operator.Api.Validation;

/// <summary>What <c>spec.template</c> of a pool must hold.</summary>
internal static class PodRules
{
    public static void Check(FaultList faults, string path, PodOverrides pod)
    {
        faults.Text($"{path}.image", pod.Image, 1, 512, Forms.Image, Forms.ImageInWords);
        faults.Items($"{path}.imagePullSecrets", pod.ImagePullSecrets, 0, 8, (at, secret) => Name(faults, $"{at}.name", secret.Name));
        Amounts(faults, $"{path}.resources.requests", pod.Resources?.Requests);
        Amounts(faults, $"{path}.resources.limits", pod.Resources?.Limits);
        faults.Entries($"{path}.nodeSelector", pod.NodeSelector, 32, (at, value) => faults.Text(at, value, 0, 63));
        faults.Items($"{path}.tolerations", pod.Tolerations, 0, 32, (at, toleration) => Toleration(faults, at, toleration));
        Name(faults, $"{path}.priorityClassName", pod.PriorityClassName);
        faults.Entries($"{path}.podLabels", pod.PodLabels, 32, (at, value) => faults.Text(at, value, 0, 63, Forms.LabelValue, Forms.LabelValueInWords));
        faults.Entries($"{path}.podAnnotations", pod.PodAnnotations, 32, (at, value) => faults.Text(at, value, 0, 4096));
    }

    private static void Amounts(FaultList faults, string path, IReadOnlyDictionary<string, Quantity>? amounts) =>
        faults.Entries(path, amounts, 16, (at, amount) => faults.Text(at, amount.Text, 1, 32, Forms.Quantity, Forms.QuantityInWords));

    private static void Toleration(FaultList faults, string path, Toleration toleration)
    {
        bool exists = toleration.Operator is TolerationOperator.Exists;
        faults.Require(!exists || string.IsNullOrEmpty(toleration.Value), $"{path}.value", "a toleration with operator Exists takes no value");
        faults.Require(exists || !string.IsNullOrEmpty(toleration.Key), $"{path}.key", "a toleration without a key needs operator Exists");
        faults.Text($"{path}.key", toleration.Key, 0, 316);
        faults.Text($"{path}.value", toleration.Value, 0, 63);
        faults.Range($"{path}.tolerationSeconds", toleration.TolerationSeconds, 0, 315_360_000);
    }

    private static void Name(FaultList faults, string path, string? name) =>
        faults.Text(path, name, 1, 253, Forms.ObjectName, Forms.ObjectNameInWords);
}
