using System.Text;
using System.Text.Json;
using PushPlatform.Delivery;
using PushPlatform.Delivery.Orders;
using Shouldly;
using Xunit;

namespace PushPlatform.Tests.Unit.Delivery;

public sealed class NoticeTests
{
    private static readonly CampaignKey Campaign = new(new PoolName("ns", "pool"), "fleet/brake-hotfix", 3);

    [Fact]
    public void Build_Patch_StandsAsItIs()
    {
        JsonElement patch = Json("""{ "id": "brake-ecu",  "notes": "Bremse <wichtig> für alle — 急", "data": {"z": 1.50, "a": [true, null]} }""");
        Notice.Build(Campaign, patch).ShouldBe(
            """{"type":"push","delivery":"fleet/brake-hotfix#3","campaign":"fleet/brake-hotfix","patch":{"id":"brake-ecu","notes":"Bremse <wichtig> für alle — 急","data":{"z":1.50,"a":[true,null]}}}""");
    }

    [Fact]
    public void Build_WithATrace_TellsItBeforeThePatch() =>
        Notice.Build(Campaign, Json("{}"), "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01").ShouldBe(
            """{"type":"push","delivery":"fleet/brake-hotfix#3","campaign":"fleet/brake-hotfix","traceparent":"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01","patch":{}}""");

    [Fact]
    public void Build_LargestPatch_FitsExactly()
    {
        int frame = Encoding.UTF8.GetByteCount(Notice.Build(Campaign, Json("\"\"")));
        string longest = new('x', Notice.MaxBytes - frame);
        Encoding.UTF8.GetByteCount(Notice.Build(Campaign, Json($"\"{longest}\""))).ShouldBe(Notice.MaxBytes);
        Should.Throw<NoticeTooLargeException>(() => Notice.Build(Campaign, Json($"\"{longest}x\""))).Bytes.ShouldBe(Notice.MaxBytes + 1);
    }

    private static JsonElement Json(string text) => JsonDocument.Parse(text).RootElement;
}
