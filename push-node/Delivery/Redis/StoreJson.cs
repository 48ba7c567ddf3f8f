using System.Text.Json;
using System.Text.Json.Serialization;
using PushPlatform.Delivery.Membership;
using PushPlatform.Delivery.Orders;

namespace PushPlatform.Delivery.Redis;

/// <summary>What lies in Redis as JSON. Members may be added; one that is gone is skipped by readers.</summary>
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(Order))]
[JsonSerializable(typeof(Tombstone))]
[JsonSerializable(typeof(PreviewShard))]
[JsonSerializable(typeof(NodeBeat))]
[JsonSerializable(typeof(IReadOnlyDictionary<string, string>))]
internal sealed partial class StoreJson : JsonSerializerContext;
