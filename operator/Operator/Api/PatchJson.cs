using System.Text.Encodings.Web;
using System.Text.Json;

namespace PushPlatform.Operator.Api;

/// <summary>The patch as cars get it: the bytes that its bound is about, and that go into the notice.</summary>
public static class PatchJson
{
    // Text is not escaped for HTML: no browser page embeds it, and \u escapes would make three bytes of Ä into six.
    private static readonly ApiJsonContext Plain = new(new JsonSerializerOptions(ApiJsonContext.Default.Options) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });

    /// <summary>UTF-8 JSON; absent members are left out.</summary>
    public static byte[] Bytes(Patch patch) => JsonSerializer.SerializeToUtf8Bytes(patch, Plain.Patch);
}
