using PushPlatform.Delivery;
using Shouldly;
using Xunit;

namespace PushPlatform.Tests.Unit.Delivery;

public sealed class ShardsTests
{
    // Worked out apart from the code (FNV-1a over UTF-16 units, MurmurHash3's finish): records of years ago lie where these say.
    [Theory]
    [InlineData("vin-1", 15, 168303203)]
    [InlineData("vin-2", 15, 77279975)]
    [InlineData("WVWZZZ1KZ00000001", 2, 99821800)]
    [InlineData("ü/main", 2, 236767039)]
    public void Of_KnownVehicles_NeverChanges(string vid, int shard, uint bucketHash) =>
        (Shards.Of(vid), Shards.BucketHash(vid)).ShouldBe((shard, bucketHash));

    [Fact]
    public void OfAndBucketHash_NeighbouringVins_SpreadEvenly()
    {
        string[] vids = [.. Enumerable.Range(0, 16_000).Select(i => $"WVWZZZ1KZ{i:D8}")];
        vids.CountBy(Shards.Of).ShouldAllBe(shard => shard.Value > 800 && shard.Value < 1200);
        int largestBucket = vids.Where(vid => Shards.Of(vid) == 0).CountBy(vid => Shards.BucketHash(vid) % 16).Max(bucket => bucket.Value);
        largestBucket.ShouldBeLessThan(128, "about 64 a bucket");
    }
}
