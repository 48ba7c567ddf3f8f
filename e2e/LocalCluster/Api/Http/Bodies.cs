using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;

namespace PushPlatform.LocalCluster.Api.Http;

/// <summary>JSON (and, where Kubernetes takes it, YAML) in and out.</summary>
internal static class Bodies
{
    // As etcd's request limit.
    private const long MaxBytes = 3 * 1024 * 1024;
    private static readonly JsonWriterOptions Relaxed = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <exception cref="ApiException">400, 413 or 415.</exception>
    public static async Task<JsonNode?> ReadAsync(HttpRequest request, CancellationToken cancellation)
    {
        if (request.ContentLength > MaxBytes)
        {
            throw new ApiException(413, "RequestEntityTooLarge", $"the request is larger than {MaxBytes} bytes");
        }
        string type = (request.ContentType ?? "application/json").Split(';')[0].Trim();
        using MemoryStream body = new();
        await request.Body.CopyToAsync(body, cancellation);
        if (body.Length == 0)
        {
            return null;
        }
        if (type == "application/vnd.kubernetes.protobuf")
        {
            return ProtobufObjects.Parse(body.GetBuffer().AsSpan(0, (int)body.Length));
        }
        if (!type.EndsWith("json", StringComparison.Ordinal) && !type.EndsWith("yaml", StringComparison.Ordinal))
        {
            throw ApiException.UnsupportedMediaType(type);
        }
        string text = Encoding.UTF8.GetString(body.GetBuffer(), 0, (int)body.Length);
        try
        {
            return type.EndsWith("yaml", StringComparison.Ordinal) ? YamlJson.Parse(text) : JsonNode.Parse(text);
        }
        catch (Exception error) when (error is JsonException or YamlDotNet.Core.YamlException)
        {
            throw ApiException.BadRequest($"error decoding the body: {error.Message}");
        }
    }

    public static JsonObject AsObject(JsonNode? body) => body as JsonObject ?? throw ApiException.BadRequest("the body must be one object");

    public static byte[] Encode(JsonNode value)
    {
        using MemoryStream stream = new();
        using (Utf8JsonWriter writer = new(stream, Relaxed))
        {
            value.WriteTo(writer);
        }
        return stream.ToArray();
    }

    public static async Task WriteAsync(HttpResponse response, int code, JsonNode value, string contentType = "application/json")
    {
        byte[] bytes = Encode(value);
        response.StatusCode = code;
        response.ContentType = contentType;
        response.ContentLength = bytes.Length;
        await response.Body.WriteAsync(bytes);
    }
}
