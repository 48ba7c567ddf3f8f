using FsCheck;
using FsCheck.Fluent;
using PushPlatform.Delivery;
using PushPlatform.Operator.Campaigns.Lists;
using Shouldly;
using Xunit;

namespace PushPlatform.Tests.Unit.Operator.Lists;

public sealed class VidSpoolTests
{
    [Theory]
    [InlineData(0, false)]
    [InlineData(1000, false)]
    [InlineData(100_000, true)]
    public void Read_EveryPart_HoldsEachUnitOnce_InThePartOfItsShard(int count, bool onDisk)
    {
        using var spool = new VidSpool(new ListSpace());
        for (int i = 0; i < count; i++)
        {
            spool.Add($"WVWZZZ1JZXW{i:000000}");
            spool.Add($"WVWZZZ1JZXW{count - 1 - i:000000}");
        }
        spool.Seal();

        spool.IsOnDisk.ShouldBe(onDisk);
        spool.Lines.ShouldBe(2 * count);
        List<string> all = [];
        for (int part = 0; part < VidSpool.Parts; part++)
        {
            IReadOnlyCollection<string> units = spool.Read(part);
            units.ShouldAllBe(unit => Shards.Of(unit) == VidSpool.ShardOf(part));
            all.AddRange(units);
        }
        all.Order(StringComparer.Ordinal).ShouldBe(Enumerable.Range(0, count).Select(i => $"WVWZZZ1JZXW{i:000000}"));
    }

    [Fact]
    public void Read_AnyUnits_AreTheSetThatWasAdded() => Prop.ForAll(
        Gen.Choose(1, 300).SelectMany(length => Gen.Elements("a", "b", "c:d", "e_f.g", new string('x', 64), $"{new string('y', 64)}/{new string('z', 64)}").ListOf(length)).ToArbitrary(),
        units =>
        {
            using var spool = new VidSpool(new ListSpace());
            foreach (string unit in units)
            {
                spool.Add(unit);
            }
            spool.Seal();
            return Enumerable.Range(0, VidSpool.Parts).SelectMany(spool.Read).ToHashSet().SetEquals(units);
        }).QuickCheckThrowOnFailure();

    /// <summary>A vid and its devices: where devices are told apart the one names the others.</summary>
    [Fact]
    public void PartOf_ADevice_IsThatOfItsVid() => VidSpool.PartOf("car-1/left").ShouldBe(VidSpool.PartOf("car-1"));

    [Fact]
    public void Add_NoRoom_IsRefused_AndWhatIsGivenBackIsRoomAgain()
    {
        var space = new ListSpace(bytes: 3 * 4096);
        using (var first = new VidSpool(space))
        {
            Should.Throw<IOException>(() => Fill(first, 10_000)).Message.ShouldContain("MiB");
        }
        using var second = new VidSpool(space);
        Fill(second, 500);
        second.IsOnDisk.ShouldBeTrue();
    }

    /// <summary>With a mebibyte less room on disk than a million vids take there is not enough: no more than that is ever in memory.</summary>
    [Fact]
    public void Add_AMillion_KeepsNoMoreInMemoryThanABlockForEachPart()
    {
        const long bytes = 1_000_000 * 18L;
        const long blocks = VidSpool.Parts * 4096L;
        using var little = new VidSpool(new ListSpace(bytes - blocks - 1));
        Should.Throw<IOException>(() => AddMillion(little));
        using var enough = new VidSpool(new ListSpace(bytes));
        AddMillion(enough);
        enough.Seal();
        enough.Lines.ShouldBe(1_000_000);
    }

    private static void AddMillion(VidSpool spool)
    {
        for (int i = 0; i < 1_000_000; i++)
        {
            spool.Add($"WVWZZZ1JZ{i:00000000}");
        }
    }

    /// <summary>One vid, over and over, fills one part alone.</summary>
    private static void Fill(VidSpool spool, int lines)
    {
        for (int i = 0; i < lines; i++)
        {
            spool.Add("WVWZZZ1JZXW000001");
        }
    }
}
