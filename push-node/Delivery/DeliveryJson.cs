using System.Text.Json;
using System.Text.Json.Serialization;
using PushPlatform.Delivery.Bus;
using PushPlatform.Delivery.Membership;
using PushPlatform.Delivery.Orders;

namespace PushPlatform.Delivery;

/// <summary>How everything that operator and nodes share is written: in Redis and on the bus alike. Unknown members are skipped.</summary>
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, AllowOutOfOrderMetadataProperties = true)]
[JsonSerializable(typeof(BusMessage))]
[JsonSerializable(typeof(Order))]
[JsonSerializable(typeof(Tombstone))]
[JsonSerializable(typeof(PreviewShard))]
[JsonSerializable(typeof(NodeBeat))]
[JsonSerializable(typeof(IReadOnlyDictionary<string, string>))]
internal sealed partial class DeliveryJson : JsonSerializerContext;
