using System.Text;
using PushPlatform.PushNode.Protocol;
using Shouldly;
using Xunit;

namespace PushPlatform.Tests.Unit.PushNode.Protocol;

public sealed class NodeFramesTests
{
    [Fact]
    public void Cancel_IsTheFrameOfTheVectors()
    {
        string text = (string)Vectors.Case("to-car", "cancel")["text"]!;

        // A short frame: its header is two bytes.
        Encoding.UTF8.GetString(NodeFrames.Cancel("fleet/brake-hotfix#1").Bytes.Span[2..]).ShouldBe(text);
    }
}
