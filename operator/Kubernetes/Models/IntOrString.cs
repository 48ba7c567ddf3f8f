using System.Text.Json;
using System.Text.Json.Serialization;

namespace PushPlatform.Kubernetes.Models;

/// <summary>A port name or number, a count or a percentage.</summary>
[JsonConverter(typeof(IntOrStringConverter))]
public readonly record struct IntOrString
{
    private readonly string? _value;

    private IntOrString(string value, bool isInteger) => (_value, IsInteger) = (value, isInteger);

    public bool IsInteger { get; }

    public string Value => _value ?? "";

    public static implicit operator IntOrString(int value) => new(value.ToString(), isInteger: true);

    public static implicit operator IntOrString(string value) => new(value, isInteger: false);

    public override string ToString() => Value;
}

internal sealed class IntOrStringConverter : JsonConverter<IntOrString>
{
    public override IntOrString Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.TokenType == JsonTokenType.Number ? reader.GetInt32() : reader.GetString() ?? "";

    public override void Write(Utf8JsonWriter writer, IntOrString value, JsonSerializerOptions options)
    {
        if (value.IsInteger)
        {
            writer.WriteRawValue(value.Value);
        }
        else
        {
            writer.WriteStringValue(value.Value);
        }
    }
}
