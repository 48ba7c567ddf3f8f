using Microsoft.Extensions.Logging.Abstractions;
using PushPlatform.PushNode.Lifecycle;
using PushPlatform.PushNode.Telemetry;
using Shouldly;
using Xunit;

namespace PushPlatform.Tests.Unit.PushNode.Lifecycle;

public sealed class ReloadedFileTests
{
    [Fact]
    public void Refresh_TheNewContentMakesItsParserFail_TheOldValueStays_AndHealthSaysWhy()
    {
        string content = "good";
        using EvenFile file = new(() => content);

        content = "odd";
        file.Refresh();

        file.Length.ShouldBe(4);
        file.Faults.ShouldHaveSingleItem().Text.ShouldContain("of an odd length");
        content = "better";
        file.Refresh();
        (file.Length, file.Faults.Any()).ShouldBe((6, false));
    }

    private sealed class EvenFile(Func<string> content) : ReloadedFile<string>(
        "text",
        (out string read) =>
        {
            read = content();
            return null;
        },
        (string text, out string? value) =>
        {
            value = text.Length % 2 == 0 ? text : throw new NotSupportedException("of an odd length");
            return null;
        },
        TimeProvider.System,
        new LoopPulses(TimeProvider.System),
        NullLogger.Instance)
    {
        public int Length => Value.Length;
    }
}
