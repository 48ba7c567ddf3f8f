using System.Text.Json;
using System.Text.Json.Serialization;

namespace PushPlatform.Operator.Api;

/// <summary>
/// Kubernetes' resource quantity (<c>500m</c>, <c>1</c>, <c>256Mi</c>), carried as text: YAML gives <c>cpu: 1</c> as a number, and the API server takes both.
/// </summary>
[JsonConverter(typeof(QuantityConverter))]
public readonly record struct Quantity(string Text)
{
    /// <inheritdoc/>
    public override string ToString() => Text;
}

internal sealed class QuantityConverter : JsonConverter<Quantity>
{
    public override Quantity Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType is JsonTokenType.Number)
        {
            using JsonDocument number = JsonDocument.ParseValue(ref reader);
            return new(number.RootElement.GetRawText());
        }
        return new(reader.GetString() ?? throw new JsonException("A quantity is a text or a whole number, not null."));
    }

    public override void Write(Utf8JsonWriter writer, Quantity value, JsonSerializerOptions options) => writer.WriteStringValue(value.Text);
}
