using System.Text;
using System.Text.Json.Nodes;

namespace PushPlatform.LocalCluster.Api.Http;

/// <summary>
/// The few objects that kubectl sends as protobuf and nothing else (<c>kubectl create namespace|configmap|secret|serviceaccount</c>),
/// read by the field numbers of Kubernetes' public <c>generated.proto</c> files.
/// </summary>
internal static class ProtobufObjects
{
    private static readonly byte[] Magic = "k8s\0"u8.ToArray();

    /// <exception cref="ApiException">415: another kind, or not protobuf.</exception>
    public static JsonObject Parse(ReadOnlySpan<byte> body)
    {
        try
        {
            return body.StartsWith(Magic) ? Envelope(body[Magic.Length..]) : throw ApiException.UnsupportedMediaType("protobuf");
        }
        catch (ArgumentOutOfRangeException)
        {
            throw ApiException.BadRequest("the protobuf body is cut off");
        }
    }

    // runtime.Unknown: the type's names, then the object itself.
    private static JsonObject Envelope(ReadOnlySpan<byte> bytes)
    {
        string apiVersion = "";
        string kind = "";
        byte[] raw = [];
        foreach ((int number, byte[] value) in Fields(bytes))
        {
            if (number == 1)
            {
                apiVersion = Text(Fields(value).FirstOrDefault(field => field.Number == 1).Value);
                kind = Text(Fields(value).FirstOrDefault(field => field.Number == 2).Value);
            }
            else if (number == 2)
            {
                raw = value;
            }
        }
        JsonObject result = new() { ["apiVersion"] = apiVersion, ["kind"] = kind };
        foreach ((int number, byte[] value) in Fields(raw))
        {
            Read(result, kind, number, value);
        }
        return result;
    }

    private static void Read(JsonObject result, string kind, int number, byte[] value)
    {
        switch (kind, number)
        {
            case ("Namespace" or "ConfigMap" or "Secret" or "ServiceAccount", 1):
                result["metadata"] = Metadata(value);
                break;
            case ("ConfigMap", 2):
                AddEntry(result.Child("data"), value, Text);
                break;
            case ("ConfigMap", 3):
                AddEntry(result.Child("binaryData"), value, Convert.ToBase64String);
                break;
            case ("Secret", 2):
                AddEntry(result.Child("data"), value, Convert.ToBase64String);
                break;
            case ("Secret", 3):
                result["type"] = Text(value);
                break;
            case ("Namespace" or "ConfigMap" or "Secret" or "ServiceAccount", _):
                break;
            default:
                throw ApiException.UnsupportedMediaType($"protobuf for {kind} (use YAML or JSON with kubectl apply)");
        }
    }

    private static JsonObject Metadata(byte[] bytes)
    {
        JsonObject metadata = [];
        foreach ((int number, byte[] value) in Fields(bytes))
        {
            switch (number)
            {
                case 1 when value.Length > 0:
                    metadata["name"] = Text(value);
                    break;
                case 2 when value.Length > 0:
                    metadata["generateName"] = Text(value);
                    break;
                case 3 when value.Length > 0:
                    metadata["namespace"] = Text(value);
                    break;
                case 11:
                    AddEntry(metadata.Child("labels"), value, Text);
                    break;
                case 12:
                    AddEntry(metadata.Child("annotations"), value, Text);
                    break;
            }
        }
        return metadata;
    }

    private static void AddEntry(JsonObject map, byte[] entry, Func<byte[], string> read)
    {
        List<(int Number, byte[] Value)> fields = Fields(entry);
        map[Text(fields.Find(field => field.Number == 1).Value)] = read(fields.Find(field => field.Number == 2).Value ?? []);
    }

    private static string Text(byte[]? bytes) => Encoding.UTF8.GetString(bytes ?? []);

    // Length-delimited fields with their content; of numbers nothing is needed here.
    private static List<(int Number, byte[] Value)> Fields(ReadOnlySpan<byte> bytes)
    {
        List<(int, byte[])> fields = [];
        while (bytes.Length > 0)
        {
            ulong tag = Varint(ref bytes);
            switch (tag & 7)
            {
                case 0:
                    Varint(ref bytes);
                    break;
                case 1:
                    bytes = bytes[8..];
                    break;
                case 2:
                    int length = checked((int)Varint(ref bytes));
                    fields.Add(((int)(tag >> 3), bytes[..length].ToArray()));
                    bytes = bytes[length..];
                    break;
                case 5:
                    bytes = bytes[4..];
                    break;
                default:
                    throw ApiException.BadRequest("the body is not protobuf");
            }
        }
        return fields;
    }

    private static ulong Varint(ref ReadOnlySpan<byte> bytes)
    {
        ulong value = 0;
        for (int shift = 0; shift < 64; shift += 7)
        {
            byte next = bytes[..1][0];
            bytes = bytes[1..];
            value |= (ulong)(next & 0x7f) << shift;
            if (next < 0x80)
            {
                return value;
            }
        }
        throw ApiException.BadRequest("the body is not protobuf");
    }
}
