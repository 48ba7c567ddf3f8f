using PushPlatform.Delivery;
using Shouldly;
using Xunit;

namespace PushPlatform.Tests.Unit.Delivery;

public sealed class ShardsTests
{
    // Worked out apart from the code (FNV-1a over UTF-16 units, MurmurHash3's finish): records of years ago lie where these say.
    [Theory]
    [InlineData("vin-1", 15, 168303203, 10)]
    [InlineData("vin-2", 15, 77279975, 4)]
    [InlineData("WVWZZZ1KZ00000001", 2, 99821800, 5)]
    [InlineData("ü", 1, 8408013, 0)]
    public void Of_KnownVehicles_NeverChanges(string vid, int shard, uint bucketHash, int ofSixteenBuckets) =>
        (Shards.Of(vid), Shards.BucketHash(vid), Shards.BucketOf(vid, 16)).ShouldBe((shard, bucketHash, ofSixteenBuckets));

    /// <summary>So that one script finds all devices of a vid.</summary>
    [Theory]
    [InlineData("vin-1")]
    [InlineData("a:b.c_d-e")]
    public void OfAndBucketHash_DevicesOfAVid_LieWhereTheVidDoes(string vid)
    {
        foreach (string device in new[] { "main", "rear-seat", "x" })
        {
            string unit = UnitId.Of(SessionMode.PerDevice, vid, device);
            (Shards.Of(unit), Shards.BucketHash(unit)).ShouldBe((Shards.Of(vid), Shards.BucketHash(vid)));
        }
    }

    [Fact]
    public void OfAndBucketHash_NeighbouringVins_SpreadEvenly()
    {
        string[] vids = [.. Enumerable.Range(0, 16_000).Select(i => $"WVWZZZ1KZ{i:D8}")];
        vids.CountBy(Shards.Of).ShouldAllBe(shard => shard.Value > 800 && shard.Value < 1200);
        int largestBucket = vids.Where(vid => Shards.Of(vid) == 0).CountBy(vid => Shards.BucketOf(vid, 16)).Max(bucket => bucket.Value);
        largestBucket.ShouldBeLessThan(128, "about 64 a bucket");
    }
}
