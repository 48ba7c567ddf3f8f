using PushPlatform.Delivery;
using PushPlatform.Operator.Campaigns;
using Shouldly;
using Xunit;

namespace PushPlatform.Tests.Unit.Operator;

public sealed class VidListTests
{
    [Theory]
    [InlineData("a\nb\n", "a,b")]
    [InlineData("a\r\nb", "a,b")]
    [InlineData("# the batch of May\n\n  a  \n\t\n#b\nc", "a,c")]
    [InlineData("car-1/left\ncar-1", "car-1/left,car-1")]
    [InlineData("", "")]
    public void Parse_GoodLists_AreRead(string text, string expected)
    {
        List<string> bad = [];
        string.Join(',', VidList.Parse(text, "list/key", SessionMode.PerDevice, bad)).ShouldBe(expected);
        bad.ShouldBeEmpty();
    }

    [Fact]
    public void Parse_BadLines_AreNamedWithTheirNumber()
    {
        List<string> bad = [];
        VidList.Parse("a\nno vid\n-x\n", "recall/vids", SessionMode.PerDevice, bad).ShouldBe(["a"]);

        bad.Count.ShouldBe(2);
        bad[0].ShouldStartWith("recall/vids line 2: 'no vid'");
        bad[1].ShouldStartWith("recall/vids line 3: '-x'");
    }

    [Theory]
    [InlineData("a/")]
    [InlineData("/a")]
    [InlineData("a/b/c")]
    [InlineData("a/-b")]
    public void Parse_ADeviceThatCannotBe_IsABadLine(string line)
    {
        List<string> bad = [];
        VidList.Parse(line, "recall/vids", SessionMode.PerDevice, bad).ShouldBeEmpty();

        bad.ShouldHaveSingleItem().ShouldStartWith($"recall/vids line 1: '{line}'");
    }

    [Fact]
    public void Parse_ADeviceInASinglePool_IsABadLineThatSaysWhy()
    {
        List<string> bad = [];
        VidList.Parse("a\na/left", "recall/vids", SessionMode.Single, bad).ShouldBe(["a"]);

        bad.ShouldHaveSingleItem().ShouldBe(
            "recall/vids line 2: 'a/left' names a device, but the pool has sessions: Single and knows no devices: give the vid alone");
    }

    [Fact]
    public void Parse_AWholeFileOfSomethingElse_NamesAFewLinesOnly()
    {
        List<string> bad = [];
        VidList.Parse(string.Concat(Enumerable.Repeat("{\"json\": true}\n", 1000)), "l/k", SessionMode.PerDevice, bad);

        bad.Count.ShouldBe(TargetLists.MaxBadLines);
    }
}
