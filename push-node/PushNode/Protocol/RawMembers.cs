using System.Text.Json;

namespace PushPlatform.PushNode.Protocol;

/// <summary>The members of a message that this protocol knows, as slices of its text: judged once the type is known, which may come last.</summary>
/// <remarks>Empty: absent or null. A name that occurs twice has its last value.</remarks>
internal ref struct RawMembers
{
    public ReadOnlySpan<byte> Type;
    public ReadOnlySpan<byte> Vid;
    public ReadOnlySpan<byte> Device;
    public ReadOnlySpan<byte> Labels;
    public ReadOnlySpan<byte> Position;
    public ReadOnlySpan<byte> Seen;
    public ReadOnlySpan<byte> Delivery;
    public ReadOnlySpan<byte> Status;
    public ReadOnlySpan<byte> Code;
    public ReadOnlySpan<byte> Detail;
    public ReadOnlySpan<byte> Id;
    public ReadOnlySpan<byte> Payload;

    /// <exception cref="JsonException">The text is not one JSON value.</exception>
    public static RawMembers Read(ReadOnlySpan<byte> utf8, out bool isObject)
    {
        RawMembers members = default;
        Utf8JsonReader reader = new(utf8);
        reader.Read();
        isObject = reader.TokenType == JsonTokenType.StartObject;
        while (isObject && reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            string? name = MemberValues.TryText(ref reader, out string? text) ? text : null;
            reader.Read();
            members.Set(name, Slice(utf8, ref reader));
        }

        if (isObject && reader.Read())
        {
            throw new JsonException("More than one value.");
        }

        return members;
    }

    private static ReadOnlySpan<byte> Slice(ReadOnlySpan<byte> utf8, scoped ref Utf8JsonReader reader)
    {
        bool isNull = reader.TokenType == JsonTokenType.Null;
        int start = (int)reader.TokenStartIndex;
        reader.Skip();
        return isNull ? default : utf8[start..(int)reader.BytesConsumed];
    }

    private void Set(string? name, ReadOnlySpan<byte> value)
    {
        switch (name)
        {
            case "type": Type = value; break;
            case "vid": Vid = value; break;
            case "device": Device = value; break;
            case "labels": Labels = value; break;
            case "position": Position = value; break;
            case "seen": Seen = value; break;
            case "delivery": Delivery = value; break;
            case "status": Status = value; break;
            case "code": Code = value; break;
            case "detail": Detail = value; break;
            case "id": Id = value; break;
            case "payload": Payload = value; break;
            default: break;
        }
    }
}
