using System.Text.Json.Serialization;

namespace PushPlatform.Operator.Api;

/// <summary>How the custom resources are read and written: camelCase, nothing written for null, unknown members skipped.</summary>
/// <remarks>
/// A property with a default has a setter, the others are init-only: generated code gives an init-only property that is absent from the JSON
/// its type's default, not the one written beside it (dotnet/runtime#84484).
/// </remarks>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(PushCampaign))]
[JsonSerializable(typeof(PushPool))]
[JsonSerializable(typeof(PushCampaignApproval))]
public sealed partial class ApiJsonContext : JsonSerializerContext;
