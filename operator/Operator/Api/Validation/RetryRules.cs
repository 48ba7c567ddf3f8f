namespace PushPlatform.Operator.Api.Validation;

/// <summary>What <c>spec.retry</c> must hold.</summary>
internal static class RetryRules
{
    public static void Check(FaultList faults, RetryRequest? retry)
    {
        faults.Range("spec.retry.round", retry?.Round, 0, 1_000_000);
        faults.Items("spec.retry.codes", retry?.Codes, 1, 16, (path, code) => faults.Text(path, code, 1, 32, Forms.FailureCode, Forms.FailureCodeInWords));
    }
}
