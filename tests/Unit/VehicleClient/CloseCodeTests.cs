using System.Text.Json;
using PushPlatform.VehicleClient;
using Shouldly;
using Xunit;

namespace PushPlatform.Tests.Unit.VehicleClient;

/// <summary>Plays every case of vectors/closes.json to a car, once with the least and once with the most jitter.</summary>
public sealed class CloseCodeTests
{
    public static TheoryData<string, double> Cases()
    {
        TheoryData<string, double> cases = [];
        foreach (string name in Vectors.Names("closes").Select(row => row.Data))
        {
            cases.Add(name, 0);
            cases.Add(name, 0.999);
        }

        return cases;
    }

    [Theory(Timeout = 30_000)]
    [MemberData(nameof(Cases))]
    public async Task Close_AsInTheVectors_ComesBackWhenTheProtocolSays(string name, double random)
    {
        JsonElement vector = Vectors.Case("closes", name);
        await using FakeNode node = await FakeNode.StartAsync();
        string token = "old";
        await using TestCar car = new(node, random, token: () => token);
        FakeLink link = await node.WelcomeAsync();
        await car.ConnectedAsync();
        car.Time.Advance(TimeSpan.FromSeconds(15));

        if (vector.GetProperty("bye") is { ValueKind: JsonValueKind.Object } bye)
        {
            await link.SendAsync($$"""{"type":"bye",{{bye.GetRawText().Trim()[1..]}}""");
            await link.SendAsync("""{"type":"error","code":"marker","detail":"the bye before this was read"}""");
            await car.FaultAsync();
        }

        if (vector.GetProperty("code") is { ValueKind: JsonValueKind.Number } code)
        {
            await link.CloseAsync(code.GetInt32());
        }
        else
        {
            link.Break();
        }

        VehicleDisconnect end = await car.DisconnectedAsync();
        JsonElement comeBack = vector.GetProperty("comeBack");
        if (comeBack.TryGetProperty("newToken", out _))
        {
            await car.PassAsync(end.ReconnectIn!.Value);
            await car.Time.UntilSomebodyWaitsAsync(ReconnectPolicy.LongWait * (1 + random));
            token = "new";
            car.Time.Advance(ReconnectPolicy.LongWait * (1 + random));
        }
        else
        {
            end.ReconnectIn!.Value.TotalMilliseconds.ShouldBeInRange(comeBack.GetProperty("notBeforeMs").GetInt32(), comeBack.GetProperty("notAfterMs").GetInt32());
            await car.PassAsync(end.ReconnectIn.Value);
        }

        await node.AcceptAsync();
    }
}
