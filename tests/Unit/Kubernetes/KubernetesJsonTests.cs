using System.Text.Json;
using System.Text.Json.Serialization;
using PushPlatform.Kubernetes.Client;
using PushPlatform.Kubernetes.Models;
using Shouldly;
using Xunit;

namespace PushPlatform.Tests.Unit.Kubernetes;

public sealed partial class KubernetesJsonTests
{
    [Fact]
    public void Serialize_Times_AsTheServersParserWantsThem()
    {
        var at = new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.FromHours(2));
        var lease = new V1Lease { Metadata = { CreationTimestamp = at.AddMilliseconds(7) }, Spec = new V1LeaseSpec { RenewTime = at } };

        var json = JsonSerializer.Serialize(lease, new KubernetesJson().TypeInfo<V1Lease>());

        json.ShouldContain("\"renewTime\":\"2026-01-02T01:04:05.000000Z\"");
        json.ShouldContain("\"creationTimestamp\":\"2026-01-02T01:04:05Z\"");
    }

    [Fact]
    public void Serialize_KindOfAnotherAssembly_KeepsItsEnumsByName_AndReadsThemBack()
    {
        var json = new KubernetesJson(ToyContext.Default);
        var toy = new Toy { Metadata = { Name = "t" }, Spec = { Colour = Colour.DeepRed } };

        var text = JsonSerializer.Serialize(toy, json.TypeInfo<Toy>());

        text.ShouldBe("""{"apiVersion":"toys.example/v1","kind":"Toy","metadata":{"name":"t"},"spec":{"colour":"DeepRed"},"status":{}}""");
        JsonSerializer.Deserialize(text, json.TypeInfo<Toy>())!.Spec.Colour.ShouldBe(Colour.DeepRed);
    }

    [Fact]
    public void Serialize_SecretAndPorts_AsOnTheWire()
    {
        var json = new KubernetesJson();
        var service = JsonSerializer.Deserialize("""{"spec":{"ports":[{"port":80,"targetPort":"http"},{"port":81,"targetPort":8081}]}}""", json.TypeInfo<V1Service>())!;

        service.Spec!.Ports!.Select(port => (port.TargetPort!.Value.Value, port.TargetPort.Value.IsInteger)).ShouldBe([("http", false), ("8081", true)]);
        JsonSerializer.Deserialize("""{"data":{"k":"AQI="}}""", json.TypeInfo<V1Secret>())!.Data!["k"].ShouldBe([1, 2]);
    }

    internal enum Colour
    {
        None,
        DeepRed,
    }

    internal sealed record ToySpec
    {
        public Colour Colour { get; set; }
    }

    internal sealed record ToyStatus
    {
        public string? Phase { get; set; }
    }

    [KubernetesEntity(Group = "toys.example", ApiVersion = "v1", Kind = "Toy", PluralName = "toys")]
    internal sealed class Toy : CustomKubernetesEntity<ToySpec, ToyStatus>;

    [JsonSourceGenerationOptions(UseStringEnumConverter = true)]
    [JsonSerializable(typeof(Toy))]
    internal sealed partial class ToyContext : JsonSerializerContext;
}
