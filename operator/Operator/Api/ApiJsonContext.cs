using System.Text.Json.Serialization;

namespace PushPlatform.Operator.Api;

/// <summary>How the custom resources are read and written: camelCase, enums by name, nothing written for null, unknown members skipped.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UseStringEnumConverter = true)]
[JsonSerializable(typeof(PushCampaignSpec))]
[JsonSerializable(typeof(PushCampaignStatus))]
[JsonSerializable(typeof(PushPoolSpec))]
[JsonSerializable(typeof(PushPoolStatus))]
public sealed partial class ApiJsonContext : JsonSerializerContext;
