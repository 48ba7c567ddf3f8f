using System.Text.Json;
using System.Text.Json.Serialization;
using PushPlatform.Delivery.Bus;
using PushPlatform.Delivery.Membership;
using PushPlatform.Delivery.Messages;
using PushPlatform.Delivery.Orders;

namespace PushPlatform.Delivery;

/// <summary>How everything that operator and nodes share is written: in Redis and on the bus alike. Unknown members are skipped.</summary>
/// <remarks>
/// A member with a default has <c>set</c>, not <c>init</c>: where it is absent, code generated for an <c>init</c> member assigns its type's
/// default over its own (dotnet/runtime#84484), and an order of another version would be read with 0 attempts.
/// </remarks>
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, AllowOutOfOrderMetadataProperties = true, RespectNullableAnnotations = true)]
[JsonSerializable(typeof(BusMessage))]
[JsonSerializable(typeof(Order))]
[JsonSerializable(typeof(Tombstone))]
[JsonSerializable(typeof(PreviewShard))]
[JsonSerializable(typeof(NodeBeat))]
[JsonSerializable(typeof(MessageReply))]
[JsonSerializable(typeof(IReadOnlyDictionary<string, string>))]
internal sealed partial class DeliveryJson : JsonSerializerContext;
