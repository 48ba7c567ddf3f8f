using System.Text.Json.Nodes;

namespace PushPlatform.LocalCluster.Api;

/// <summary>A refusal that the client sees as a <c>Status</c> object.</summary>
internal sealed class ApiException(int code, string reason, string message, JsonObject? details = null) : Exception(message)
{
    public int Code { get; } = code;

    public string Reason { get; } = reason;

    public JsonObject ToStatus()
    {
        JsonObject status = new()
        {
            ["kind"] = "Status",
            ["apiVersion"] = "v1",
            ["metadata"] = new JsonObject(),
            ["status"] = "Failure",
            ["message"] = Message,
            ["reason"] = Reason,
        };
        if (details is not null)
        {
            status["details"] = details.DeepClone();
        }
        status["code"] = Code;
        return status;
    }

    public static ApiException BadRequest(string message) => new(400, "BadRequest", message);

    public static ApiException NotFound(string group, string plural, string name) =>
        new(404, "NotFound", $"{Qualified(plural, group)} \"{name}\" not found", Details(name, group, plural));

    public static ApiException NoSuchPath() => new(404, "NotFound", "the server could not find the requested resource", []);

    public static ApiException AlreadyExists(string group, string plural, string name) =>
        new(409, "AlreadyExists", $"{Qualified(plural, group)} \"{name}\" already exists", Details(name, group, plural));

    public static ApiException Conflict(string group, string plural, string name, string why) =>
        new(409, "Conflict", $"Operation cannot be fulfilled on {Qualified(plural, group)} \"{name}\": {why}", Details(name, group, plural));

    public static ApiException Modified(string group, string plural, string name) =>
        Conflict(group, plural, name, "the object has been modified; please apply your changes to the latest version and try again");

    public static ApiException Forbidden(string message) => new(403, "Forbidden", message);

    public static ApiException Expired(long asked, long oldest) =>
        new(410, "Expired", $"too old resource version: {asked} ({oldest})");

    public static ApiException MethodNotAllowed() =>
        new(405, "MethodNotAllowed", "the server does not allow this method on the requested resource", []);

    public static ApiException UnsupportedMediaType(string contentType) =>
        new(415, "UnsupportedMediaType", $"the body of the request was in an unknown format - {contentType} is not accepted here");

    /// <summary>422 with each fault as a cause.</summary>
    public static ApiException Invalid(string group, string kind, string name, IReadOnlyList<FieldFault> faults)
    {
        string all = faults.Count == 1 ? faults[0].ToString() : $"[{string.Join(", ", faults)}]";
        JsonObject details = new() { ["name"] = name };
        AddUnlessEmpty(details, "group", group);
        details["kind"] = kind;
        details["causes"] = JsonAccess.ArrayOf(faults.Select(fault => (JsonNode)new JsonObject
        {
            ["reason"] = fault.Reason,
            ["message"] = fault.Message,
            ["field"] = fault.Path,
        }));
        return new ApiException(422, "Invalid", $"{Qualified(kind, group)} \"{name}\" is invalid: {all}", details);
    }

    private static string Qualified(string name, string group) => group.Length == 0 ? name : $"{name}.{group}";

    private static JsonObject Details(string name, string group, string plural)
    {
        JsonObject details = new() { ["name"] = name };
        AddUnlessEmpty(details, "group", group);
        details["kind"] = plural;
        return details;
    }

    private static void AddUnlessEmpty(JsonObject details, string name, string value)
    {
        if (value.Length > 0)
        {
            details[name] = value;
        }
    }
}

/// <summary>One fault of one field, in the words that users of kubectl know.</summary>
/// <param name="Path">For example <c>spec.steps[2].percent</c>; <c>&lt;nil&gt;</c> for the whole object.</param>
/// <param name="Reason"><c>FieldValueInvalid</c>, <c>FieldValueRequired</c>, …</param>
/// <param name="Message">What stands after the path.</param>
internal sealed record FieldFault(string Path, string Reason, string Message)
{
    public override string ToString() => $"{Path}: {Message}";

    public static FieldFault Invalid(string path, string value, string why) => new(path, "FieldValueInvalid", $"Invalid value: {value}: {why}");

    public static FieldFault Required(string path, string why = "") =>
        new(path, "FieldValueRequired", why.Length == 0 ? "Required value" : $"Required value: {why}");

    public static FieldFault Forbidden(string path, string why) => new(path, "FieldValueForbidden", $"Forbidden: {why}");

    public static FieldFault Unsupported(string path, string value, IEnumerable<string> supported) =>
        new(path, "FieldValueNotSupported", $"Unsupported value: {value}: supported values: {string.Join(", ", supported)}");

    public static FieldFault Duplicate(string path, string value) => new(path, "FieldValueDuplicate", $"Duplicate value: {value}");

    public static FieldFault TooMany(string path, int count, int most) =>
        new(path, "FieldValueTooMany", $"Too many: {count}: must have at most {most} items");

    public static FieldFault TooLong(string path, int most) => new(path, "FieldValueTooLong", $"Too long: may not be more than {most} bytes");

    public static FieldFault OfType(string path, string expected, string actual) =>
        new(path, "FieldValueTypeInvalid", $"Invalid value: \"{actual}\": {path} in body must be of type {expected}: \"{actual}\"");
}
