using System.Text.Json.Nodes;
using PushPlatform.Kubernetes.Client;
using PushPlatform.Kubernetes.Models;
using Shouldly;
using Xunit;

namespace PushPlatform.Tests.Integration.Kubernetes;

/// <summary>What our client expects of any API server: objects, patches and deletion. Run it on a stand-in and on a real cluster; the real one is right.</summary>
public abstract class KubernetesApiSpec(ApiServerUnderTest server) : IAsyncLifetime
{
    private string _namespace = "";

    private KubernetesClient Client { get; } = server.NewClient();

    public async ValueTask InitializeAsync() => _namespace = await server.NewNamespaceAsync();

    public ValueTask DisposeAsync()
    {
        Client.Dispose();
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task Objects_LiveThroughCreateGetPatchDelete()
    {
        var created = await Client.CreateAsync(Map("a", ("k", "1")), "me");
        created.Uid().ShouldNotBeEmpty();
        created.Metadata.CreationTimestamp.ShouldNotBeNull();

        var patched = await Client.PatchAsync<V1ConfigMap>(
            V1Patch.Merge(new JsonObject { ["data"] = new JsonObject { ["k"] = null, ["l"] = "2" } }), "a", _namespace, fieldManager: "me");
        patched.Data.ShouldBe(new Dictionary<string, string> { ["l"] = "2" });
        patched.ResourceVersion().ShouldNotBe(created.ResourceVersion());

        (await Client.GetAsync<V1ConfigMap>("a", _namespace)).ShouldNotBeNull().ResourceVersion().ShouldBe(patched.ResourceVersion());
        (await Client.DeleteAsync<V1ConfigMap>("a", _namespace)).ShouldBeTrue();
        (await Client.DeleteAsync<V1ConfigMap>("a", _namespace)).ShouldBeFalse();
        (await Client.GetAsync<V1ConfigMap>("a", _namespace)).ShouldBeNull();
    }

    [Fact]
    public async Task Patch_ThatChangesNothing_MovesNoVersion()
    {
        var created = await Client.CreateAsync(Map("a", ("k", "1")));

        var same = await Client.PatchAsync<V1ConfigMap>(V1Patch.Merge(new JsonObject { ["data"] = new JsonObject { ["k"] = "1" } }), "a", _namespace);

        same.ResourceVersion().ShouldBe(created.ResourceVersion());
    }

    [Fact]
    public async Task Create_Twice_AlreadyExists()
    {
        await Client.CreateAsync(Map("a"));

        (await Should.ThrowAsync<KubernetesException>(() => Client.CreateAsync(Map("a")))).Reason.ShouldBe("AlreadyExists");
    }

    [Fact]
    public async Task Create_GenerateName_IsNamedByTheServer()
    {
        var created = await Client.CreateAsync(new V1ConfigMap { Metadata = { GenerateName = "list-", NamespaceProperty = _namespace } });

        created.Name().ShouldStartWith("list-");
        created.Name().Length.ShouldBeGreaterThan("list-".Length);
    }

    [Fact]
    public async Task Create_AgainstTheSchema_IsInvalidAndNamesTheField()
    {
        var refusal = await Should.ThrowAsync<KubernetesException>(() => Client.CreateAsync(NewToy("t", 101)));

        refusal.IsInvalid.ShouldBeTrue();
        refusal.Message.ShouldContain("spec.replicas");
    }

    [Fact]
    public async Task Patch_FromAnOlderVersion_Conflicts()
    {
        var read = await Client.CreateAsync(Map("a"));
        await Client.PatchAsync<V1ConfigMap>(V1Patch.Merge(new JsonObject { ["data"] = new JsonObject { ["k"] = "theirs" } }), "a", _namespace);
        var late = new JsonObject { ["metadata"] = new JsonObject { ["resourceVersion"] = read.ResourceVersion() }, ["data"] = new JsonObject { ["k"] = "mine" } };

        var refusal = await Should.ThrowAsync<KubernetesException>(() => Client.PatchAsync<V1ConfigMap>(V1Patch.Merge(late), "a", _namespace));

        refusal.Reason.ShouldBe("Conflict");
    }

    [Fact]
    public async Task Patch_MeantForAnotherObjectOfThatName_IsInvalid()
    {
        await Client.CreateAsync(Map("a"));
        var patch = new JsonObject { ["metadata"] = new JsonObject { ["uid"] = Guid.NewGuid().ToString() }, ["data"] = new JsonObject { ["k"] = "mine" } };

        (await Should.ThrowAsync<KubernetesException>(() => Client.PatchAsync<V1ConfigMap>(V1Patch.Merge(patch), "a", _namespace))).Reason.ShouldBe("Invalid");
    }

    [Fact]
    public async Task JsonPatch_WhoseTestFails_ChangesNothing()
    {
        await Client.CreateAsync(Map("a", ("k", "1")));
        JsonArray operations =
        [
            new JsonObject { ["op"] = "replace", ["path"] = "/data/k", ["value"] = "2" },
            new JsonObject { ["op"] = "test", ["path"] = "/data/k", ["value"] = "other" },
        ];

        (await Should.ThrowAsync<KubernetesException>(() => Client.PatchAsync<V1ConfigMap>(V1Patch.Json(operations), "a", _namespace))).IsInvalid.ShouldBeTrue();

        (await Client.GetAsync<V1ConfigMap>("a", _namespace)).ShouldNotBeNull().Data.ShouldNotBeNull()["k"].ShouldBe("1");
    }

    [Fact]
    public async Task List_ManyPagesAndASelector_FindsEachOnce()
    {
        const int Count = 1001;
        await Parallel.ForEachAsync(Enumerable.Range(0, Count), new ParallelOptions { MaxDegreeOfParallelism = 8 }, async (i, cancellationToken) =>
        {
            var map = Map($"m{i:0000}");
            map.Metadata.Labels = new() { ["parity"] = i % 2 == 0 ? "even" : "odd" };
            await Client.CreateAsync(map, cancellationToken: cancellationToken);
        });

        var all = await Client.ListAsync<V1ConfigMap>(_namespace, labelSelector: "parity");
        var odd = await Client.ListAsync<V1ConfigMap>(_namespace, labelSelector: "parity in (odd)");
        var one = await Client.ListAsync<V1ConfigMap>(_namespace, fieldSelector: "metadata.name=m0007");

        all.Items.Select(map => map.Name()).Distinct().Count().ShouldBe(Count);
        odd.Items.Count.ShouldBe(Count / 2);
        one.Items.Single().Name().ShouldBe("m0007");
    }

    [Fact]
    public async Task Finalizer_HoldsTheObjectUntilItIsTakenAway()
    {
        var toy = NewToy("t", 1);
        toy.Metadata.Finalizers = ["spec.example/hold"];
        var created = await Client.CreateAsync(toy);

        (await Client.DeleteAsync<Toy>("t", _namespace)).ShouldBeTrue();

        var going = (await Client.GetAsync<Toy>("t", _namespace)).ShouldNotBeNull();
        going.IsBeingDeleted().ShouldBeTrue();
        going.Uid().ShouldBe(created.Uid());
        var another = V1Patch.Merge(new JsonObject { ["metadata"] = new JsonObject { ["finalizers"] = new JsonArray("spec.example/hold", "spec.example/late") } });
        (await Should.ThrowAsync<KubernetesException>(() => Client.PatchAsync<Toy>(another, "t", _namespace))).IsInvalid.ShouldBeTrue();

        await Client.PatchAsync<Toy>(V1Patch.Merge(new JsonObject { ["metadata"] = new JsonObject { ["finalizers"] = new JsonArray() } }), "t", _namespace);

        (await Client.GetAsync<Toy>("t", _namespace)).ShouldBeNull();
    }

    [Theory]
    [InlineData("Background")]
    [InlineData("Foreground")]
    public async Task Delete_OfAnOwner_TakesWhatItOwns(string propagation)
    {
        Assert.SkipWhen(server.WhyNothingIsCollected is not null, server.WhyNothingIsCollected ?? "");
        var owner = await Client.CreateAsync(NewToy("owner", 1));
        var owned = Map("owned");
        owned.Metadata.OwnerReferences = [owner.MakeOwnerReference()];
        await Client.CreateAsync(owned);
        await Client.CreateAsync(Map("unowned"));

        await Client.DeleteAsync<Toy>("owner", _namespace, new V1DeleteOptions { PropagationPolicy = propagation });

        await Eventually.HoldsAsync(async () => await Client.GetAsync<V1ConfigMap>("owned", _namespace) is null);
        await Eventually.HoldsAsync(async () => await Client.GetAsync<Toy>("owner", _namespace) is null);
        (await Client.GetAsync<V1ConfigMap>("unowned", _namespace)).ShouldNotBeNull();
    }

    [Fact]
    public async Task Delete_WithAnotherUid_Conflicts()
    {
        await Client.CreateAsync(Map("a"));
        var options = new V1DeleteOptions { Preconditions = new() { Uid = Guid.NewGuid().ToString() } };

        (await Should.ThrowAsync<KubernetesException>(() => Client.DeleteAsync<V1ConfigMap>("a", _namespace, options))).IsConflict.ShouldBeTrue();
    }

    [Fact]
    public async Task Lease_KeepsMicrosecondsAndRefusesTheSecondWriter()
    {
        var at = new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero).AddMicroseconds(678901);
        var lease = new V1Lease
        {
            Metadata = { Name = "l", NamespaceProperty = _namespace },
            Spec = new V1LeaseSpec { HolderIdentity = "me", LeaseDurationSeconds = 15, RenewTime = at },
        };
        var created = await Client.CreateAsync(lease);
        created.Spec.ShouldNotBeNull().RenewTime.ShouldBe(at);

        JsonObject Take(string who) => new()
        {
            ["metadata"] = new JsonObject { ["resourceVersion"] = created.ResourceVersion(), ["uid"] = created.Uid() },
            ["spec"] = new JsonObject { ["holderIdentity"] = who },
        };
        (await Client.PatchAsync<V1Lease>(V1Patch.Merge(Take("first")), "l", _namespace)).Spec!.HolderIdentity.ShouldBe("first");
        (await Should.ThrowAsync<KubernetesException>(() => Client.PatchAsync<V1Lease>(V1Patch.Merge(Take("second")), "l", _namespace))).IsConflict.ShouldBeTrue();
    }

    [Fact]
    public async Task Serves_KnowsWhatIsThere()
    {
        (await Client.ServesAsync<Toy>()).ShouldBeTrue();
        (await Client.ServesAsync<V1Deployment>()).ShouldBeTrue();
        (await Client.ServesAsync<V1PodDisruptionBudget>()).ShouldBe(server.Features.PolicyV1);
        (await Client.ServesAsync<Nothing>()).ShouldBeFalse();
    }

    private V1ConfigMap Map(string name, params (string Key, string Value)[] data) => new()
    {
        Metadata = { Name = name, NamespaceProperty = _namespace },
        Data = data.ToDictionary(entry => entry.Key, entry => entry.Value),
    };

    private Toy NewToy(string name, int replicas) => new() { Metadata = { Name = name, NamespaceProperty = _namespace }, Spec = { Replicas = replicas } };
}

public sealed class LocalClusterApiSpec(LocalClusterUnderTest server) : KubernetesApiSpec(server), IClassFixture<LocalClusterUnderTest>;
