using System.Text.Json;
using PushPlatform.Operator.Api;
using Shouldly;
using Xunit;

namespace PushPlatform.Tests.Unit.Operator.Api;

public sealed class ContentHashTests
{
    private static readonly Patch Brake = new() { Id = "brake-ecu", Version = "4.2.1" };
    private static readonly Targets Listed = new() { Vids = ["car-1", "car-2"] };

    /// <summary>Tombstones keep this for ever: when this goes red, every finished campaign would count as other content.</summary>
    [Fact]
    public void Of_KnownContent_IsTheSameInEveryVersion() =>
        ContentHash.Of(Brake with { Data = Data("""{"b":[1,2.5,"ä",true,null],"a":{}}""") }, Listed, [ContentHash.OfList(["car-3"])]).ShouldBe("59933da6ae3a04c4b07df343662e76a8");

    [Theory]
    [InlineData("""{"b":1,"a":[1,2]}""", """{ "a" : [1, 2], "b" : 1 }""")]
    [InlineData("""{"n":1.0}""", """{"n":1}""")]
    [InlineData("""{"n":1e2}""", """{"n":100}""")]
    [InlineData("""{"t":"\u00e4"}""", """{"t":"ä"}""")]
    public void Of_SameContentWrittenDifferently_IsEqual(string one, string other) => With(one).ShouldBe(With(other));

    [Theory]
    [InlineData("""{"a":[1,2]}""", """{"a":[2,1]}""")]
    [InlineData("""{"a":"1"}""", """{"a":1}""")]
    [InlineData("""{"a":["b","c"]}""", """{"a":["bc"]}""")]
    [InlineData("""{"a":{"b":1}}""", """{"a":["b",1]}""")]
    [InlineData("""{"a":true}""", """{"a":false}""")]
    [InlineData("""{"a":null}""", """{}""")]
    [InlineData("""{"a":1.5}""", """{"a":1.25}""")]
    public void Of_OtherContent_Differs(string one, string other) => With(one).ShouldNotBe(With(other));

    [Fact]
    public void Of_AnyPartChanged_Differs()
    {
        string[] hashes =
        [
            ContentHash.Of(Brake, Listed, []),
            ContentHash.Of(Brake with { Version = "4.2.2" }, Listed, []),
            ContentHash.Of(Brake, Listed with { Vids = ["car-1"] }, []),
            ContentHash.Of(Brake, Listed with { ExcludeVids = ["car-1"] }, []),
            ContentHash.Of(Brake, Listed, [ContentHash.OfList(["car-1"])]),
            ContentHash.Of(Brake, Listed, [ContentHash.OfList(["car-2"])]),
            ContentHash.Of(Brake, Listed, [ContentHash.OfList(["car-1"]), ContentHash.OfList(["car-2"])]),
            ContentHash.Of(Brake, Listed, [ContentHash.OfList(["car-2"]), ContentHash.OfList(["car-1"])]),
        ];

        hashes.ShouldBeUnique();
        hashes.ShouldAllBe(hash => hash.Length == 32 && hash.All(char.IsAsciiHexDigitLower));
    }

    [Fact]
    public void OfList_SameVidsInOtherOrderOrTwice_IsEqual() =>
        ContentHash.OfList(["car-2", "car-1", "car-2"]).ShouldBe(ContentHash.OfList(["car-1", "car-2"]));

    private static string With(string data) => ContentHash.Of(Brake with { Data = Data(data) }, Listed, []);

    private static JsonElement Data(string json) => JsonDocument.Parse(json).RootElement;
}
