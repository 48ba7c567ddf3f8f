using System.Text.Json.Serialization;

namespace PushPlatform.Operator.Api;

/// <summary>How the custom resources are read and written: camelCase, nothing written for null, unknown members skipped.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(PushCampaign))]
[JsonSerializable(typeof(PushPool))]
public sealed partial class ApiJsonContext : JsonSerializerContext;
