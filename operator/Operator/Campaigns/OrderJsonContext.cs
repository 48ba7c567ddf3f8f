using System.Text.Json.Serialization;
using PushPlatform.Delivery.Orders;

namespace PushPlatform.Operator.Campaigns;

/// <summary>Orders as text, to compare them by content.</summary>
[JsonSerializable(typeof(Order))]
internal sealed partial class OrderJsonContext : JsonSerializerContext;
