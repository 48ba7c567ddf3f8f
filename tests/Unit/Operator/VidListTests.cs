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
    [InlineData("", "")]
    public void Parse_GoodLists_AreRead(string text, string expected)
    {
        List<string> bad = [];
        string.Join(',', VidList.Parse(text, "list/key", bad)).ShouldBe(expected);
        bad.ShouldBeEmpty();
    }

    [Fact]
    public void Parse_BadLines_AreNamedWithTheirNumber()
    {
        List<string> bad = [];
        VidList.Parse("a\nno vid\n-x\n", "recall/vids", bad).ShouldBe(["a"]);

        bad.Count.ShouldBe(2);
        bad[0].ShouldStartWith("recall/vids line 2: 'no vid'");
        bad[1].ShouldStartWith("recall/vids line 3: '-x'");
    }

    [Fact]
    public void Parse_AWholeFileOfSomethingElse_NamesAFewLinesOnly()
    {
        List<string> bad = [];
        VidList.Parse(string.Concat(Enumerable.Repeat("{\"json\": true}\n", 1000)), "l/k", bad);

        bad.Count.ShouldBe(TargetLists.MaxBadLines);
    }
}
