using System.Net;
using FsCheck;
using FsCheck.Fluent;
using PushPlatform.VehicleClient;
using Shouldly;
using Xunit;

namespace PushPlatform.Tests.Unit.VehicleClient;

public sealed class ReconnectPolicyTests
{
    private static readonly TimeSpan First = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Max = TimeSpan.FromSeconds(60);

    [Theory]
    [InlineData(0, 0.5, 0.5)]
    [InlineData(1, 0.5, 1)]
    [InlineData(5, 0.5, 16)]
    [InlineData(6, 0.5, 30)]
    [InlineData(1_000_000, 0.5, 30)]
    [InlineData(4, 0, 0)]
    public void Decide_BrokenLink_WaitsAFullyRandomShareOfADoublingCeiling(int attempts, double random, double seconds) =>
        Policy(random).Decide(new ConnectionEnd(), attempts).Wait.ShouldBe(TimeSpan.FromSeconds(seconds));

    [Fact]
    public void Decide_AnyEnd_NeverComesBackBeforeTheNodesWordNorAfterAnHourAndAMinute() =>
        Prop.ForAll(
            ArbMap.Default.ArbFor<(byte Attempts, byte Random, ushort? Seconds, short? Code, bool BrokeProtocol)>(),
            drawn =>
            {
                TimeSpan? notBefore = drawn.Seconds is { } seconds ? TimeSpan.FromSeconds(seconds) : null;
                ConnectionEnd end = new(drawn.Code, NotBefore: notBefore, BrokeProtocol: drawn.BrokeProtocol);

                TimeSpan wait = Policy(drawn.Random / 256.0).Decide(end, drawn.Attempts).Wait;

                TimeSpan least = notBefore is { } word && word < ReconnectPolicy.MaxNotBefore ? word : notBefore is null ? TimeSpan.Zero : ReconnectPolicy.MaxNotBefore;
                return wait >= least && wait <= ReconnectPolicy.MaxNotBefore + Max && (!drawn.BrokeProtocol || wait >= ReconnectPolicy.LongWait);
            }).QuickCheckThrowOnFailure();

    [Theory]
    [InlineData(HttpStatusCode.BadRequest, 60, false)]
    [InlineData(HttpStatusCode.NotFound, 60, false)]
    [InlineData(HttpStatusCode.UpgradeRequired, 60, false)]
    [InlineData(HttpStatusCode.Unauthorized, 0, true)]
    [InlineData(HttpStatusCode.Forbidden, 0, true)]
    [InlineData(HttpStatusCode.ServiceUnavailable, 0, false)]
    [InlineData(HttpStatusCode.BadGateway, 0, false)]
    public void Decide_RefusedHandshake_FollowsTheTable(HttpStatusCode status, int seconds, bool needsNewToken) =>
        Policy(0).Decide(new ConnectionEnd(HttpStatus: status), 0).ShouldBe(new Comeback(TimeSpan.FromSeconds(seconds), needsNewToken));

    [Fact]
    public void Decide_RefusedAgainAndAgain_SpreadsMoreEachTime()
    {
        ConnectionEnd busy = new(HttpStatus: HttpStatusCode.ServiceUnavailable, NotBefore: TimeSpan.FromSeconds(2));
        Policy(0.5).Decide(busy, 0).Wait.ShouldBe(TimeSpan.FromSeconds(2.5));
        Policy(0.5).Decide(busy, 4).Wait.ShouldBe(TimeSpan.FromSeconds(10));
    }

    [Theory]
    [InlineData("0", 0)]
    [InlineData("7", 7)]
    [InlineData("Thu, 01 Jan 2026 00:01:30 GMT", 90)]
    [InlineData("Wed, 31 Dec 2025 23:00:00 GMT", 0)]
    [InlineData("99999999999", 3600)]
    [InlineData("-1", null)]
    [InlineData("soon", null)]
    [InlineData("", null)]
    public void ParseRetryAfter_SecondsOrADate_GivesTheWait(string value, int? seconds) =>
        ReconnectPolicy.ParseRetryAfter(value, new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero))
            .ShouldBe(seconds is { } s ? TimeSpan.FromSeconds(s) : null);

    [Theory]
    [InlineData(2)]
    [InlineData(5)]
    [InlineData(30)]
    [InlineData(3600)]
    public void KeepAlive_WorstCase_IsWithinTheDeadLinkTime(int pingSeconds)
    {
        TimeSpan ping = TimeSpan.FromSeconds(pingSeconds);
        (TimeSpan interval, TimeSpan timeout) = KeepAlive.For(ping);
        double tick = Math.Max(1, Math.Min(interval.TotalSeconds, timeout.TotalSeconds) / 4);

        interval.ShouldBeGreaterThan(ping, "the node's ping comes first");
        (interval.TotalSeconds + timeout.TotalSeconds + 2 * tick).ShouldBeLessThanOrEqualTo(3 * pingSeconds);
    }

    private static ReconnectPolicy Policy(double random) => new(First, Max, () => random);
}
