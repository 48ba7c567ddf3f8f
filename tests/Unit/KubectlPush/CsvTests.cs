using PushPlatform.KubectlPush.Resources;
using PushPlatform.KubectlPush.Text;
using Shouldly;
using Xunit;

namespace PushPlatform.Tests.Unit.KubectlPush;

/// <summary>A list that is opened in a spreadsheet, of things that cars have said.</summary>
public sealed class CsvTests
{
    [Fact]
    public void Line_OfAFailure_HasAColumnForEachOfTheHead()
    {
        DeliveryView delivery = new()
        {
            Vid = "VIN-1",
            Device = "main",
            State = "Failed",
            Attempts = 3,
            Away = true,
            Outcome = "failed",
            Code = "E7",
            At = new DateTimeOffset(2026, 11, 22, 13, 0, 0, TimeSpan.FromHours(1)),
        };

        Csv.Line(delivery).ShouldBe("VIN-1,main,Failed,3,true,false,false,,failed,E7,2026-11-22T12:00:00Z");
        Csv.Line(delivery with { Cancelled = true }).ShouldContain(",false,true,failed,");
        Csv.Line(delivery with { Cancelled = false }).ShouldContain(",false,false,failed,");
        Csv.Line(new DeliveryView { Vid = "VIN-1", State = "Pending" }).Split(',').Length.ShouldBe(Csv.Head.Split(',').Length);
    }

    [Theory]
    [InlineData("a,b", "\"a,b\"")]
    [InlineData("say \"no\"", "\"say \"\"no\"\"\"")]
    [InlineData("two\nlines", "\"two\nlines\"")]
    [InlineData("=HYPERLINK(1)", "'=HYPERLINK(1)")]
    [InlineData("@SUM(1,2)", "\"'@SUM(1,2)\"")]
    [InlineData("-7", "'-7")]
    public void Line_CodeOfACar_IsTextAndNothingElse(string code, string cell) => Csv.Line(new DeliveryView { Vid = "VIN-1", Code = code }).ShouldEndWith($",{cell},");
}
