using PushPlatform.VehicleClient;
using Shouldly;
using Xunit;

namespace PushPlatform.Tests.Unit.VehicleClient;

public sealed class FileDeliveryStoreTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory();

    private string FilePath => Path.Combine(_folder.FullName, "new", "deliveries.jsonl");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task Append_ThenLoad_GivesTheSameRecords()
    {
        DeliveryRecord[] records =
        [
            new("fleet/brake-hotfix#1", DeliveryStatus.Received),
            new("fleet/brake-hotfix#1", DeliveryStatus.Failed, "E7", "Prüfsumme\n\"falsch\""),
            new("c#2", DeliveryStatus.Installed, Confirmed: true),
        ];
        FileDeliveryStore store = new(FilePath);
        (await store.LoadAsync(default)).ShouldBeEmpty();

        foreach (DeliveryRecord record in records)
        {
            await store.AppendAsync(record, default);
        }

        (await new FileDeliveryStore(FilePath).LoadAsync(default)).ShouldBe(records);
    }

    [Fact]
    public async Task Load_LineCutOffByACrash_IsIgnoredAndTheNextOneIsNotLost()
    {
        FileDeliveryStore store = new(FilePath);
        await store.AppendAsync(new DeliveryRecord("c#1", DeliveryStatus.Received), default);
        await File.AppendAllTextAsync(FilePath, """{"delivery":"c#2","sta""");

        await store.AppendAsync(new DeliveryRecord("c#3", DeliveryStatus.Received), default);

        (await store.LoadAsync(default)).Select(record => record.Delivery).ShouldBe(["c#1", "c#3"]);
    }

    [Fact]
    public async Task Replace_LeavesOnlyTheNewRecordsAndNoOtherFile()
    {
        FileDeliveryStore store = new(FilePath);
        await store.AppendAsync(new DeliveryRecord("c#1", DeliveryStatus.Received), default);
        await File.WriteAllTextAsync(FilePath + ".new", "left behind by a crash");

        await store.ReplaceAsync([new DeliveryRecord("c#2", DeliveryStatus.Received)], default);

        (await store.LoadAsync(default)).ShouldHaveSingleItem().Delivery.ShouldBe("c#2");
        Directory.GetFiles(Path.GetDirectoryName(FilePath)!).ShouldBe([FilePath]);
    }
}
