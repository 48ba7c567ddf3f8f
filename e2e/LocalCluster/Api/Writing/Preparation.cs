using System.Text.Json.Nodes;
using PushPlatform.LocalCluster.Api.Resources;
using PushPlatform.LocalCluster.Api.Schemas;

namespace PushPlatform.LocalCluster.Api.Writing;

/// <summary>What becomes of an object between the client's words and the store: pure, apart from the addresses that Services are given.</summary>
internal static class Preparation
{
    /// <summary>The object as a create stores it. Takes <paramref name="body"/> over.</summary>
    public static JsonObject Create(JsonObject body, WriteRequest request, ServiceAddresses addresses)
    {
        ResourceKind kind = request.Kind;
        JsonObject metadata = body.Metadata();
        NameAndPlace(body, request);
        foreach (string name in (string[])["resourceVersion", "deletionTimestamp", "deletionGracePeriodSeconds", "selfLink"])
        {
            metadata.Remove(name);
        }
        metadata["uid"] = Guid.NewGuid().ToString();
        metadata["creationTimestamp"] = request.Now;
        metadata["generation"] = 1;
        if (!kind.HasGeneration)
        {
            metadata.Remove("generation");
        }
        if (kind.HasStatus)
        {
            body.Remove("status");
        }
        BuiltInDefaults.OnCreate(body, kind, addresses, request.Now);
        Complete(body, request);
        return body;
    }

    /// <summary>The object as an update of the object or of its status stores it. Takes <paramref name="next"/> over.</summary>
    /// <returns><paramref name="current"/> itself when nothing changes.</returns>
    public static JsonObject Update(JsonObject current, JsonObject next, WriteRequest request)
    {
        CheckPreconditions(current, next, request);
        JsonNode? managedFields = next.At("metadata", "managedFields")?.DeepClone();
        if (request.Subresource == "status")
        {
            JsonNode? status = next["status"]?.DeepClone();
            next = current.Copy();
            SetOrRemove(next, "status", status);
            SetOrRemove(next.Metadata(), "managedFields", managedFields);
        }
        else if (request.Kind.HasStatus)
        {
            SetOrRemove(next, "status", current["status"]?.DeepClone());
        }
        KeepServerMetadata(current, next);
        BuiltInDefaults.OnUpdate(current, next, request.Kind);
        Complete(next, request);
        if (request.Kind.HasGeneration && !SameIntent(current, next))
        {
            next.Metadata()["generation"] = (current.Number("metadata", "generation") ?? 0) + 1;
        }
        return next;
    }

    /// <summary>True when both are equal but for the book-keeping that every write touches.</summary>
    public static bool SameContent(JsonObject left, JsonObject right) => JsonNode.DeepEquals(WithoutBooks(left), WithoutBooks(right));

    private static JsonObject WithoutBooks(JsonObject value)
    {
        JsonObject copy = value.Copy();
        copy.Metadata().Remove("resourceVersion");
        foreach (JsonNode? entry in copy.Items("metadata", "managedFields"))
        {
            (entry as JsonObject)?.Remove("time");
        }
        return copy;
    }

    private static void NameAndPlace(JsonObject body, WriteRequest request)
    {
        JsonObject metadata = body.Metadata();
        if (body.Name().Length == 0 && body.Text("metadata", "generateName") is { Length: > 0 } prefix)
        {
            metadata["name"] = prefix + RandomSuffix();
        }
        if (request.Name.Length > 0 && body.Name().Length == 0)
        {
            metadata["name"] = request.Name;
        }
        if (request.Name.Length > 0 && body.Name() != request.Name)
        {
            throw ApiException.BadRequest($"the name of the object ({body.Name()}) does not match the name on the URL ({request.Name})");
        }
        if (ObjectNames.Fault(body.Name(), request.Kind) is { } fault)
        {
            throw ApiException.Invalid(request.Kind.Group, request.Kind.Kind, body.Name(), [fault]);
        }
        if (!request.Kind.Namespaced)
        {
            metadata.Remove("namespace");
            return;
        }
        if (body.Namespace() is { Length: > 0 } written && written != request.Namespace)
        {
            throw ApiException.BadRequest($"the namespace of the provided object does not match the namespace sent on the request ({written}, {request.Namespace})");
        }
        metadata["namespace"] = request.Namespace;
    }

    private static void CheckPreconditions(JsonObject current, JsonObject next, WriteRequest request)
    {
        (string group, string plural) = (request.Kind.Group, request.Kind.Plural);
        if (next.Name().Length > 0 && next.Name() != current.Name())
        {
            throw ApiException.BadRequest($"the name of the object ({next.Name()}) does not match the name on the URL ({current.Name()})");
        }
        // A write of a subresource takes nothing of the metadata but the version, so another uid there is no error either.
        if (request.Subresource.Length == 0 && next.Uid().Length > 0 && next.Uid() != current.Uid())
        {
            throw ApiException.Invalid(group, request.Kind.Kind, current.Name(), [FieldFault.Invalid("metadata.uid", $"\"{next.Uid()}\"", "field is immutable")]);
        }
        if (next.ResourceVersion().Length > 0 && next.ResourceVersion() != current.ResourceVersion())
        {
            throw ApiException.Modified(group, plural, current.Name());
        }
        if (current.IsTerminating())
        {
            HashSet<string?> before = [.. current.Items("metadata", "finalizers").Select(finalizer => finalizer.Text())];
            if (next.Items("metadata", "finalizers").Any(finalizer => !before.Contains(finalizer.Text())))
            {
                throw ApiException.Invalid(group, request.Kind.Kind, current.Name(), [new FieldFault("metadata.finalizers", "FieldValueForbidden", "Forbidden: no new finalizers can be added if the object is being deleted")]);
            }
        }
    }

    private static void KeepServerMetadata(JsonObject current, JsonObject next)
    {
        foreach (string name in (string[])["name", "namespace", "uid", "resourceVersion", "generation", "creationTimestamp", "deletionTimestamp", "deletionGracePeriodSeconds", "generateName"])
        {
            SetOrRemove(next.Metadata(), name, current.At("metadata", name)?.DeepClone());
        }
    }

    // Pruned, filled in and valid, or refused.
    private static void Complete(JsonObject value, WriteRequest request)
    {
        ResourceKind kind = request.Kind;
        IReadOnlyList<string> unknown = Pruning.Apply(value, kind.Schema);
        if (unknown.Count > 0)
        {
            string[] words = [.. unknown.Select(path => $"unknown field \"{path}\"")];
            if (request.FieldValidation == "Strict")
            {
                throw ApiException.BadRequest(
                    $"{kind.Kind} in version \"{kind.Version}\" cannot be handled as a {kind.Kind}: strict decoding error: {string.Join(", ", words)}");
            }
            request.Warnings.AddRange(request.FieldValidation == "Ignore" ? [] : words);
        }
        Defaulting.Apply(value, kind.Schema);
        List<FieldFault> faults = [.. Validation.Faults(value, kind.Schema), .. BuiltInRules.Faults(value, kind)];
        if (faults.Count > 0)
        {
            throw ApiException.Invalid(kind.Group, kind.Kind, value.Name(), faults);
        }
    }

    private static bool SameIntent(JsonObject current, JsonObject next)
    {
        static JsonObject Intent(JsonObject value)
        {
            JsonObject copy = value.Copy();
            copy.Remove("metadata");
            copy.Remove("status");
            copy.Remove("apiVersion");
            return copy;
        }
        return JsonNode.DeepEquals(Intent(current), Intent(next));
    }

    private static void SetOrRemove(JsonObject value, string name, JsonNode? field)
    {
        if (field is null)
        {
            value.Remove(name);
        }
        else
        {
            value[name] = field;
        }
    }

    private static string RandomSuffix() => System.Security.Cryptography.RandomNumberGenerator.GetString("bcdfghjklmnpqrstvwxz2456789", 5);
}
