using System.Buffers;
using System.Text;
using System.Text.Json.Nodes;
using PushPlatform.PushNode.Protocol;
using Shouldly;
using Xunit;

namespace PushPlatform.Tests.Unit.PushNode.Protocol;

public sealed class FrameReaderTests
{
    public static TheoryData<string> Names => Vectors.Names("wire");

    [Theory]
    [MemberData(nameof(Names))]
    public void Read_Vector_EndsAsTheProtocolSays(string name)
    {
        JsonObject vector = Vectors.Case("wire", name);
        JsonObject expected = vector["expect"]!.AsObject();
        byte[] bytes = Convert.FromHexString((string)vector["hex"]!);

        Transcript whole = Transcript.Of(bytes, bytes.Length);
        Transcript slowly = Transcript.Of(bytes, 1);

        slowly.ShouldBe(whole);
        if (expected.ContainsKey("close"))
        {
            whole.Close.ShouldBe((int?)expected["close"]);
        }
        else
        {
            whole.Answer.ShouldBe((string)expected["server"]!);
        }
    }

    [Fact]
    public void Release_InMidMessage_GivesTheFragmentsBack()
    {
        FrameReader reader = new();
        ReadOnlySequence<byte> input = new(Frames.Masked(0x01, "{\"ty"u8));

        reader.Read(ref input, new byte[FrameReader.MaxMessage]).Kind.ShouldBe(InboundKind.Fragment);
        reader.Release();

        ReadOnlySequence<byte> rest = new(Frames.Masked(0x80, "pe\"}"u8));
        reader.Read(ref rest, new byte[FrameReader.MaxMessage]).Kind.ShouldBe(InboundKind.Fault);
    }

    /// <summary>What a node would say: the frames that answer pings and messages, and the close code if it came to that.</summary>
    private sealed record Transcript(string Answer, int? Close, bool Ended)
    {
        public static Transcript Of(byte[] bytes, int step)
        {
            FrameReader reader = new();
            StringBuilder answer = new();
            byte[] scratch = new byte[FrameReader.MaxMessage];
            int consumed = 0;
            for (int given = step; given <= bytes.Length; given += step)
            {
                ReadOnlySequence<byte> input = new(bytes, consumed, given - consumed);
                while (true)
                {
                    Inbound inbound = reader.Read(ref input, scratch);
                    switch (inbound.Kind)
                    {
                        case InboundKind.Fault:
                            return new Transcript(answer.ToString(), inbound.Fault!.Code, true);
                        case InboundKind.Close:
                            answer.Append(Hex(WireFrame.Close(inbound.Code)));
                            return new Transcript(answer.ToString(), inbound.Code, true);
                        case InboundKind.Ping:
                            answer.Append(Hex(WireFrame.Pong(inbound.Payload)));
                            break;
                        case InboundKind.Text when VehicleMessage.Parse(inbound.Payload, default).Kind == MessageKind.Ping:
                            answer.Append(Hex(NodeFrames.Pong));
                            break;
                        default:
                            break;
                    }

                    if (inbound.Kind == InboundKind.Incomplete)
                    {
                        break;
                    }
                }

                consumed = given - (int)input.Length;
            }

            return new Transcript(answer.ToString(), null, false);
        }

        private static string Hex(WireFrame frame) => Convert.ToHexStringLower(frame.Bytes.Span);
    }
}
