using PushPlatform.Kubernetes.Client;
using PushPlatform.Kubernetes.Models;
using Shouldly;
using Xunit;

namespace PushPlatform.Tests.Integration.Kubernetes;

/// <summary>What we expect of any API server where several write one object: server-side apply and the subresources.</summary>
public abstract class ApplySpec(ApiServerUnderTest server) : IAsyncLifetime
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
    public async Task Apply_CreatesThenRemovesWhatTheManagerNoLongerNames_AndLeavesTheRestAlone()
    {
        await Client.ApplyAsync(Map(("mine", "1"), ("dropped", "1")), "me");
        await Client.ApplyAsync(Map(("theirs", "2")), "them");

        var applied = await Client.ApplyAsync(Map(("mine", "3")), "me");

        applied.Data.ShouldBe(new Dictionary<string, string> { ["mine"] = "3", ["theirs"] = "2" }, ignoreOrder: true);
    }

    [Fact]
    public async Task Apply_WhatIsThereAlready_MovesNoVersion()
    {
        var first = await Client.ApplyAsync(Map(("k", "1")), "me");

        (await Client.ApplyAsync(Map(("k", "1")), "me")).ResourceVersion().ShouldBe(first.ResourceVersion());
    }

    [Fact]
    public async Task Apply_OverAnothersField_ConflictsUnlessForced()
    {
        await Client.ApplyAsync(Map(("k", "theirs")), "them");

        var refusal = await Should.ThrowAsync<KubernetesException>(() => Client.ApplyAsync(Map(("k", "mine")), "me", force: false));
        refusal.IsConflict.ShouldBeTrue();
        refusal.Message.ShouldContain("them");

        (await Client.ApplyAsync(Map(("k", "mine")), "me")).Data.ShouldNotBeNull()["k"].ShouldBe("mine");
        (await Client.ApplyAsync(Map(("other", "theirs")), "them")).Data.ShouldNotBeNull()["k"].ShouldBe("mine");
    }

    [Fact]
    public async Task UpdateStatus_TouchesOnlyTheStatus_AndMovesNoGeneration()
    {
        var created = await Client.ApplyAsync(NewToy(replicas: 2), "me");
        created.Generation().ShouldBe(1);
        created.Spec.Size.ShouldBe("M");

        var status = new Toy { Metadata = { Name = "t", NamespaceProperty = _namespace, Uid = created.Uid() }, Spec = { Replicas = 9 }, Status = { Replicas = 2, Message = "well" } };
        var applied = await Client.UpdateStatusAsync(status, "me-status");

        applied.Status.Message.ShouldBe("well");
        applied.Spec.Replicas.ShouldBe(2);
        applied.Generation().ShouldBe(1);
        var again = await Client.UpdateStatusAsync(status, "me-status");
        again.ResourceVersion().ShouldBe(applied.ResourceVersion());
    }

    [Fact]
    public async Task UpdateStatus_FieldNoLongerNamed_IsGone()
    {
        await Client.ApplyAsync(NewToy(replicas: 2), "me");
        await Client.UpdateStatusAsync(new Toy { Metadata = { Name = "t", NamespaceProperty = _namespace }, Status = { Replicas = 2, Message = "well" } }, "me");

        var applied = await Client.UpdateStatusAsync(new Toy { Metadata = { Name = "t", NamespaceProperty = _namespace }, Status = { Replicas = 3 } }, "me");

        applied.Status.Message.ShouldBeNull();
        applied.Status.Replicas.ShouldBe(3);
        applied.Spec.Replicas.ShouldBe(2);
    }

    [Fact]
    public async Task UpdateStatus_ForAnObjectThatWasMadeAgain_Conflicts()
    {
        var old = await Client.ApplyAsync(NewToy(replicas: 2), "me");
        await Client.DeleteAsync<Toy>("t", _namespace);
        await Client.ApplyAsync(NewToy(replicas: 2), "me");
        var stale = new Toy { Metadata = { Name = "t", NamespaceProperty = _namespace, ResourceVersion = old.ResourceVersion() }, Status = { Message = "of the old one" } };

        (await Should.ThrowAsync<KubernetesException>(() => Client.UpdateStatusAsync(stale, "me"))).IsConflict.ShouldBeTrue();
    }

    [Fact]
    public async Task UpdateStatus_WithTheVersionThatStands_IsTaken()
    {
        var read = await Client.ApplyAsync(NewToy(replicas: 2), "me");
        var next = new Toy { Metadata = { Name = "t", NamespaceProperty = _namespace, ResourceVersion = read.ResourceVersion() }, Status = { Message = "new" } };

        (await Client.UpdateStatusAsync(next, "me")).Status.Message.ShouldBe("new");
    }

    [Fact]
    public async Task UpdateStatus_OfNothing_IsNotFoundAndCreatesNothing()
    {
        var ghost = new Toy { Metadata = { Name = "ghost", NamespaceProperty = _namespace }, Status = { Message = "boo" } };

        (await Should.ThrowAsync<KubernetesException>(() => Client.UpdateStatusAsync(ghost, "me"))).IsNotFound.ShouldBeTrue();
    }

    [Fact]
    public async Task Scale_ReadsAndWritesTheReplicas_AndMovesTheGeneration()
    {
        await Client.ApplyAsync(NewToy(replicas: 2), "me");
        await Client.UpdateStatusAsync(new Toy { Metadata = { Name = "t", NamespaceProperty = _namespace }, Status = { Replicas = 1, Selector = "a=b" } }, "me");

        var scale = (await Client.GetScaleAsync<Toy>("t", _namespace)).ShouldNotBeNull();
        scale.Spec.ShouldNotBeNull().Replicas.ShouldBe(2);
        scale.Status.ShouldNotBeNull().Replicas.ShouldBe(1);
        scale.Status.Selector.ShouldBe("a=b");

        (await Client.PatchScaleAsync<Toy>("t", _namespace, 5)).Spec.ShouldNotBeNull().Replicas.ShouldBe(5);

        var scaled = (await Client.GetAsync<Toy>("t", _namespace)).ShouldNotBeNull();
        scaled.Spec.Replicas.ShouldBe(5);
        scaled.Generation().ShouldBe(2);
        (await Client.GetScaleAsync<Toy>("nobody", _namespace)).ShouldBeNull();
    }

    private V1ConfigMap Map(params (string Key, string Value)[] data) => new()
    {
        Metadata = { Name = "m", NamespaceProperty = _namespace },
        Data = data.ToDictionary(entry => entry.Key, entry => entry.Value),
    };

    private Toy NewToy(int replicas) => new() { Metadata = { Name = "t", NamespaceProperty = _namespace }, Spec = { Replicas = replicas } };
}

public sealed class LocalClusterApplySpec(LocalClusterUnderTest server) : ApplySpec(server), IClassFixture<LocalClusterUnderTest>;
