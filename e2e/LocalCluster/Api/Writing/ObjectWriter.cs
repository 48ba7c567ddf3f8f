using System.Text.Json.Nodes;
using PushPlatform.LocalCluster.Api.Apply;
using PushPlatform.LocalCluster.Api.Resources;
using PushPlatform.LocalCluster.Api.Storage;

namespace PushPlatform.LocalCluster.Api.Writing;

/// <summary>Creates and changes stored objects. Every change is a read, a pure step and a compare-and-swap that is retried.</summary>
internal sealed class ObjectWriter(ObjectStore store, ResourceRegistry registry, ServiceAddresses addresses)
{
    public static ObjectKey Key(ResourceKind kind, string ns, string name) => new(kind.Collection, kind.Namespaced ? ns : "", name);

    /// <summary>The stored form of a new object.</summary>
    /// <exception cref="ApiException">Taken, invalid, or its namespace is not there.</exception>
    public JsonObject Create(JsonObject body, WriteRequest request)
    {
        JsonObject value = Preparation.Create(body, request, addresses);
        ManagedFields.AfterUpdate([], value, request.Kind.Schema, request.Manager(ManagedFields.UpdateOperation), request.Kind.ApiVersion, request.Now);
        return Add(value, request);
    }

    /// <summary>Replaces the object, or its status, by what <paramref name="change"/> makes of the stored one.</summary>
    /// <exception cref="ApiException">Not found, a conflict, or invalid.</exception>
    public JsonObject Update(WriteRequest request, Func<JsonObject, JsonObject> change)
    {
        return Swap(request, current =>
        {
            JsonObject next = Preparation.Update(current, InStoredForm(change(InVersion(current, request.Kind)), request.Kind), request);
            ManagedFields.AfterUpdate(WithManagers(current, next), next, request.Kind.Schema, request.Manager(ManagedFields.UpdateOperation), request.Kind.ApiVersion, request.Now);
            return next;
        });
    }

    /// <summary>Server-side apply; creates the object when it is not there.</summary>
    /// <returns>The stored form, and whether it is new.</returns>
    /// <exception cref="ApiException">A conflict with another manager, or invalid.</exception>
    public (JsonObject Value, bool Created) Apply(JsonObject applied, WriteRequest request)
    {
        if (applied.At("metadata", "managedFields") is not null)
        {
            throw ApiException.BadRequest("metadata.managedFields must be nil");
        }
        KeepOnly(applied, request);
        ObjectKey key = Key(request.Kind, request.Namespace, request.Name);
        if (store.Get(key) is null && request.Subresource.Length == 0)
        {
            return (ApplyNew(applied, request), true);
        }
        return (Swap(request, current => Preparation.Update(current, Merge(current, applied, request), request)), false);
    }

    /// <summary>
    /// Marks an object for deletion or removes it: <paramref name="mark"/> makes the terminating form of the object, or null when it
    /// goes at once.
    /// </summary>
    public JsonObject Delete(WriteRequest request, Func<JsonObject, JsonObject?> mark)
    {
        ObjectKey key = Key(request.Kind, request.Namespace, request.Name);
        while (true)
        {
            JsonObject current = Existing(key, request);
            JsonObject? marked = mark(current);
            if (request.DryRun || ReferenceEquals(marked, current) || (marked is null ? store.TryRemove(key, current) : store.TryReplace(key, current, marked)))
            {
                return marked ?? current;
            }
        }
    }

    /// <summary>A copy in the form of a version.</summary>
    public static JsonObject InVersion(JsonObject stored, ResourceKind kind)
    {
        JsonObject copy = stored.Copy();
        kind.FromStored?.Invoke(copy);
        return copy;
    }

    private static JsonObject InStoredForm(JsonObject value, ResourceKind kind)
    {
        kind.ToStored?.Invoke(value);
        return value;
    }

    // A client may reset managedFields by writing them itself; else the stored ones go on.
    private static JsonObject WithManagers(JsonObject current, JsonObject next)
    {
        if (next.At("metadata", "managedFields") is not JsonArray written)
        {
            return current;
        }
        JsonObject before = current.Copy();
        before.Metadata()["managedFields"] = written.DeepClone();
        return before;
    }

    private static void KeepOnly(JsonObject applied, WriteRequest request)
    {
        if (request.Subresource == "status")
        {
            foreach (string name in applied.Select(member => member.Key).Where(name => name is not ("apiVersion" or "kind" or "metadata" or "status")).ToList())
            {
                applied.Remove(name);
            }
            JsonObject identity = [];
            foreach (string name in (string[])["name", "namespace", "uid", "resourceVersion"])
            {
                if (applied.At("metadata", name) is { } field)
                {
                    identity[name] = field.DeepClone();
                }
            }
            applied["metadata"] = identity;
        }
        else if (request.Kind.HasStatus)
        {
            applied.Remove("status");
        }
    }

    private static JsonObject Merge(JsonObject current, JsonObject applied, WriteRequest request)
    {
        JsonObject result = ServerSideApply.Apply(
            current,
            InStoredForm(applied.Copy(), request.Kind),
            request.Kind.Schema,
            request.Manager(ManagedFields.ApplyOperation),
            request.Kind.ApiVersion,
            request.Force,
            request.Now,
            out IReadOnlyList<ApplyConflict> conflicts);
        return conflicts.Count == 0 ? result : throw Refused(conflicts);
    }

    private static ApiException Refused(IReadOnlyList<ApplyConflict> conflicts)
    {
        string all = conflicts.Count == 1
            ? $"1 conflict: conflict with \"{conflicts[0].Owner.Name}\": {conflicts[0].Field}"
            : $"{conflicts.Count} conflicts: " + string.Join("\n", conflicts.GroupBy(conflict => conflict.Owner.Name)
                .Select(owner => $"conflicts with \"{owner.Key}\":\n{string.Join('\n', owner.Select(conflict => "- " + conflict.Field))}"));
        JsonObject details = new()
        {
            ["causes"] = JsonAccess.ArrayOf(conflicts.Select(conflict => (JsonNode)new JsonObject
            {
                ["reason"] = "FieldManagerConflict",
                ["message"] = $"conflict with \"{conflict.Owner.Name}\"",
                ["field"] = conflict.Field,
            })),
        };
        return new ApiException(409, "Conflict", $"Apply failed with {all}", details);
    }

    private JsonObject ApplyNew(JsonObject applied, WriteRequest request)
    {
        JsonObject body = InStoredForm(applied.Copy(), request.Kind);
        JsonObject merged = ServerSideApply.Apply(
            [], body, request.Kind.Schema, request.Manager(ManagedFields.ApplyOperation), request.Kind.ApiVersion, force: true, request.Now, out _);
        return Add(Preparation.Create(merged, request, addresses), request);
    }

    private JsonObject Add(JsonObject value, WriteRequest request)
    {
        ResourceKind kind = request.Kind;
        if (kind.Namespaced)
        {
            JsonObject parent = store.Get(new ObjectKey("/namespaces", "", request.Namespace)) ?? throw ApiException.NotFound("", "namespaces", request.Namespace);
            if (parent.IsTerminating())
            {
                throw ApiException.Forbidden($"{kind.Plural} \"{value.Name()}\" is forbidden: unable to create new content in namespace {request.Namespace} because it is being terminated");
            }
        }
        if (kind.IsCustom)
        {
            AdmissionPolicies.Check(store, value, request);
        }
        ObjectKey key = Key(kind, request.Namespace, value.Name());
        bool free = request.DryRun ? store.Get(key) is null : store.TryAdd(key, value);
        if (!free)
        {
            throw ApiException.AlreadyExists(kind.Group, kind.Plural, value.Name());
        }
        Serve(kind, value, request);
        return value;
    }

    private JsonObject Swap(WriteRequest request, Func<JsonObject, JsonObject> change)
    {
        ObjectKey key = Key(request.Kind, request.Namespace, request.Name);
        while (true)
        {
            JsonObject current = Existing(key, request);
            JsonObject next = change(current);
            if (request.DryRun)
            {
                return next;
            }
            if (Preparation.SameContent(current, next))
            {
                return current;
            }
            bool released = next.IsTerminating() && !next.HasFinalizers() && !HasGraceLeft(next);
            if (released ? store.TryRemove(key, current) : store.TryReplace(key, current, next))
            {
                Serve(request.Kind, next, request);
                return next;
            }
        }
    }

    // A pod with a grace period goes when its runner says so, not with its last finalizer.
    private static bool HasGraceLeft(JsonObject value) => value.Number("metadata", "deletionGracePeriodSeconds") > 0;

    private JsonObject Existing(ObjectKey key, WriteRequest request) =>
        store.Get(key) ?? throw ApiException.NotFound(request.Kind.Group, request.Kind.Plural, request.Name);

    // A definition is served the moment it is stored, so that a client may use it right after its create was answered.
    private void Serve(ResourceKind kind, JsonObject value, WriteRequest request)
    {
        if (kind.Kind == "CustomResourceDefinition" && !request.DryRun)
        {
            registry.Replace(CustomResources.Group(value), CustomResources.Plural(value), CustomResources.Served(value));
        }
    }
}
