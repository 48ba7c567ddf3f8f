using FsCheck;
using FsCheck.Fluent;
using PushPlatform.Delivery;
using PushPlatform.Operator.Campaigns.Lists;
using Shouldly;
using Xunit;

namespace PushPlatform.Tests.Unit.Operator.Lists;

public sealed class VidLinesTests
{
    private readonly List<string> _vids = [];
    private readonly List<string> _bad = [];

    [Theory]
    [InlineData("a\nb\n", "a,b")]
    [InlineData("a\r\nb", "a,b")]
    [InlineData("# the batch of May\n\n  a  \n\t\n#b\nc", "a,c")]
    [InlineData("car-1/left\ncar-1", "car-1/left,car-1")]
    [InlineData("", "")]
    public void Feed_GoodLists_AreRead(string text, string expected)
    {
        Read(text, "list/key", SessionMode.PerDevice);

        string.Join(',', _vids).ShouldBe(expected);
        _bad.ShouldBeEmpty();
    }

    [Fact]
    public void Feed_BadLines_AreNamedWithTheirNumber()
    {
        Read("a\nno vid\n-x\n", "recall/vids", SessionMode.PerDevice);

        _vids.ShouldBe(["a"]);
        _bad.Count.ShouldBe(2);
        _bad[0].ShouldStartWith("recall/vids line 2: 'no vid'");
        _bad[1].ShouldStartWith("recall/vids line 3: '-x'");
    }

    [Theory]
    [InlineData("a/")]
    [InlineData("/a")]
    [InlineData("a/b/c")]
    [InlineData("a/-b")]
    public void Feed_ADeviceThatCannotBe_IsABadLine(string line)
    {
        Read(line, "recall/vids", SessionMode.PerDevice);

        _vids.ShouldBeEmpty();
        _bad.ShouldHaveSingleItem().ShouldStartWith($"recall/vids line 1: '{line}'");
    }

    [Fact]
    public void Feed_ADeviceInASinglePool_IsABadLineThatSaysWhy()
    {
        Read("a\na/left", "recall/vids", SessionMode.Single);

        _vids.ShouldBe(["a"]);
        _bad.ShouldHaveSingleItem().ShouldBe(
            "recall/vids line 2: 'a/left' names a device, but the pool has sessions: Single and knows no devices: give the vid alone");
    }

    [Fact]
    public void Feed_AWholeFileOfSomethingElse_NamesAFewLinesOnly()
    {
        Read(string.Concat(Enumerable.Repeat("{\"json\": true}\n", 1000)), "l/k", SessionMode.PerDevice);

        _bad.Count.ShouldBe(VidLines.MaxFaults);
    }

    [Theory]
    [InlineData("a")]
    [InlineData(" ")]
    public void Feed_ALineWithoutEnd_IsABadLine_AndNoMemory(string filling)
    {
        VidLines lines = Lines("l/k", SessionMode.PerDevice);
        string piece = string.Concat(Enumerable.Repeat(filling, 1000));
        for (int i = 0; i < 1000; i++)
        {
            lines.Feed(piece);
        }
        lines.Feed("\nb");
        lines.End();

        _bad.ShouldHaveSingleItem().ShouldStartWith("l/k line 1: '");
        _vids.ShouldBe(["b"]);
    }

    [Fact]
    public void Feed_ALongComment_IsOne()
    {
        Read($"#{new string('x', 1000)}\na", "l/k", SessionMode.PerDevice);

        _bad.ShouldBeEmpty();
        _vids.ShouldBe(["a"]);
    }

    [Fact]
    public void Feed_WhereverTheTextIsCut_ReadsTheSame() => Prop.ForAll(
        Gen.Elements("car-1", "car-2/left", "", "# note", "no vid", "\t", "-x").NonEmptyListOf().ToArbitrary(),
        Gen.Choose(1, 9).ToArbitrary(),
        (lines, size) =>
        {
            string text = string.Join("\r\n", lines);
            List<string> vids = [];
            List<string> bad = [];
            var whole = new VidLines("l", SessionMode.PerDevice, bad, vids.Add);
            whole.Feed(text);
            whole.End();
            _vids.Clear();
            _bad.Clear();
            VidLines cut = Lines("l", SessionMode.PerDevice);
            foreach (char[] piece in text.Chunk(size))
            {
                cut.Feed(piece);
            }
            cut.End();
            return vids.SequenceEqual(_vids) && bad.SequenceEqual(_bad);
        }).QuickCheckThrowOnFailure();

    private VidLines Lines(string name, SessionMode sessions) => new(name, sessions, _bad, _vids.Add);

    private void Read(string text, string name, SessionMode sessions)
    {
        VidLines lines = Lines(name, sessions);
        lines.Feed(text);
        lines.End();
    }
}
