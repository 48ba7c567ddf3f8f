using System.Text;
using PushPlatform.PushNode.Handshake;
using Shouldly;
using Xunit;

namespace PushPlatform.Tests.Unit.PushNode.Handshake;

/// <summary>What the vectors do not say: requests that somebody between car and node might read in another way than we.</summary>
public sealed class UpgradeRequestTests
{
    private const string Good =
        "GET /ws?vid=car-1 HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==";

    [Fact]
    public void Parse_Good_IsAccepted() => Parse(Good).ShouldBe("car-1");

    [Theory]
    [InlineData("Upgrade: websocket", "Upgrade : websocket")]
    [InlineData("Host: h", "Host: h\r\n folded")]
    [InlineData("Host: h", "Host: h\nX: y")]
    [InlineData("Host: h", "Host: h\r\nHost: other")]
    [InlineData("Host: h", "Host: h\r\n: nameless")]
    [InlineData("Host: h", "Host: h\r\nX: \0")]
    [InlineData("Host: h", "Host: h\r\nTransfer-Encoding: chunked")]
    [InlineData("Host: h", "Host: h\r\nContent-Length: 0\r\nContent-Length: 5")]
    [InlineData("Host: h", "Host: h\r\nAuthorization: Bearer a\r\nAuthorization: Bearer b")]
    [InlineData("Sec-WebSocket-Version: 13", "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Version: 13")]
    [InlineData("Sec-WebSocket-Version: 13", "X: y")]
    [InlineData("GET /ws?vid=car-1 HTTP/1.1", "GET  /ws?vid=car-1 HTTP/1.1")]
    [InlineData("GET /ws?vid=car-1 HTTP/1.1", "GET /ws?vid=car-1")]
    [InlineData("GET /ws?vid=car-1 HTTP/1.1", "GET http://h/ws?vid=car-1 HTTP/1.1")]
    [InlineData("GET /ws?vid=car-1 HTTP/1.1", "GET /ws?vid=car-1 HTTP/2.0")]
    [InlineData("vid=car-1", "vid=car-1&v%69d=car-2")]
    [InlineData("vid=car-1", "vid=car%")]
    [InlineData("vid=car-1", "vid=car-1%00")]
    [InlineData("vid=car-1", "vid=car-%E2%82%AC")]
    [InlineData("vid=car-1", "vid=car-1%2Fleft")]
    [InlineData("vid=car-1", "vid=car-1&device=left&devic%65=right")]
    [InlineData("vid=car-1", "vid=car-1&device=%00")]
    [InlineData("/ws?vid=car-1", "/ws//token")]
    [InlineData("/ws?vid=car-1", "/ws/driver-app/")]
    [InlineData("/ws?vid=car-1", "/ws/driver-app/a%2")]
    [InlineData("/ws?vid=car-1", "/ws/driver-app/a%")]
    [InlineData("/ws?vid=car-1", "/ws/driver-app/a%zz")]
    [InlineData("/ws?vid=car-1", "/ws/driver-app/a%+1b")]
    [InlineData("/ws?vid=car-1", "/ws/driver-app/a%2Fb")]
    [InlineData("/ws?vid=car-1", "/ws/driver-app/a%25b")]
    [InlineData("/ws?vid=car-1", "/ws/driver-app/a%00b")]
    [InlineData("/ws?vid=car-1", "/ws/driver-app/%E2%82%AC")]
    [InlineData("/ws?vid=car-1", "/ws/driver-app-of-a-very-long-name-33/token")]
    [InlineData("/ws?vid=car-1", "/ws/driver-app/token?vid={car}")]
    [InlineData("/ws?vid=car-1", "/ws/driver-app/token?vid=car-1&vid=car-1")]
    public void Parse_WhatCouldBeReadInTwoWays_IsABadRequest(string part, string instead)
    {
        Good.ShouldContain(part);
        Parse(Good.Replace(part, instead)).ShouldBe("400 Bad Request");
    }

    [Theory]
    [InlineData("vid=car-1", "main")]
    [InlineData("vid=car-1&device=left", "left")]
    [InlineData("devic%65=left&vid=car-1", "left")]
    public void Parse_Device_IsTheOneThatIsNamedOrElseMain(string query, string device) =>
        UpgradeRequest.Parse(Encoding.Latin1.GetBytes(Good.Replace("vid=car-1", query)), out _).ShouldNotBeNull().Device.ShouldBe(device);

    [Theory]
    [InlineData("GET /ws?vid=car-1", "GET /ws/?vid=car-1", "404 Not Found")]
    [InlineData("GET /ws?vid=car-1", "GET /ws/driver-app", "404 Not Found")]
    [InlineData("GET /ws?vid=car-1", "GET /ws/driver-app/token/more", "404 Not Found")]
    [InlineData("GET /ws?vid=car-1", "GET /WS?vid=car-1", "404 Not Found")]
    [InlineData("GET /ws?vid=car-1", "HEAD /ws?vid=car-1", "405 Method Not Allowed")]
    [InlineData("GET /ws?vid=car-1", "get /ws?vid=car-1", "405 Method Not Allowed")]
    public void Parse_AnotherPlace_IsNamed(string part, string instead, string status) => Parse(Good.Replace(part, instead)).ShouldBe(status);

    [Theory]
    [InlineData("/ws/driver-app/tok%65n", null)]
    [InlineData("/ws/%64river-app/token?vid=car-1&x=y", "car-1")]
    public void Parse_RoleAndTokenInThePath_AreDecoded(string target, string? vid)
    {
        string head = Good.Replace("/ws?vid=car-1", target) + "\r\nAuthorization: Bearer another";

        UpgradeRequest request = UpgradeRequest.Parse(Encoding.Latin1.GetBytes(head), out _).ShouldNotBeNull();

        (request.Role, request.Token, request.Vid).ShouldBe(("driver-app", "token", vid));
    }

    [Theory]
    [InlineData(4096, true)]
    [InlineData(4097, false)]
    public void Parse_ATokenInThePath_IsBounded(int length, bool good)
    {
        string head = Good.Replace("?vid=car-1", "/driver-app/" + new string('t', length));

        (UpgradeRequest.Parse(Encoding.Latin1.GetBytes(head), out Refusal? refusal) is not null).ShouldBe(good);
        refusal?.Text.ShouldContain("at most 4096");
        refusal?.Text.ShouldNotContain("ttt", Case.Sensitive, "it may be a secret");
    }

    [Fact]
    public void Parse_AnyBytes_AreJudgedNotThrown()
    {
        Random random = new(42);
        byte[] good = Encoding.ASCII.GetBytes(Good);
        for (int i = 0; i < 20_000; i++)
        {
            byte[] bytes = [.. good];
            for (int flips = random.Next(1, 6); flips > 0; flips--)
            {
                bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            }

            UpgradeRequest? request = UpgradeRequest.Parse(bytes.AsSpan(0, random.Next(bytes.Length + 1)), out Refusal? refusal);
            (request is null).ShouldBe(refusal is not null);
        }
    }

    private static string Parse(string head) => UpgradeRequest.Parse(Encoding.Latin1.GetBytes(head), out Refusal? refusal)?.Vid ?? refusal!.Status;
}
