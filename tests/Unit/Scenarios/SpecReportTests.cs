using PushPlatform.Scenarios.Cluster;
using Shouldly;
using Xunit;

namespace PushPlatform.Tests.Unit.Scenarios;

public sealed class SpecReportTests
{
    [Fact]
    public void Read_OfEveryOutcome_NamesWhatFailedAndWhatWasSkipped()
    {
        SpecReport report = SpecReport.Read("""
            {"results": {
              "extra": {"suites": [{"errors": [{"message": "The fixture could not be put away"}]}]},
              "tests": [
                {"name": "Rooms.WatchSpec.Good", "status": "passed", "extra": {"type": "Rooms.WatchSpec"}},
                {"name": "Rooms.WatchSpec.Rows(kind: \"pools\")", "status": "failed", "message": "should be\n  empty", "extra": {"type": "Rooms.WatchSpec"}},
                {"name": "Rooms.WatchSpec.Old", "status": "skipped", "extra": {"type": "Rooms.WatchSpec", "reason": "not ours"}},
                {"name": "Rooms.WatchSpec.Odd", "status": "other", "extra": {"type": "Rooms.WatchSpec"}}]}}
            """);

        report.Passed.ShouldBe(1);
        report.Failed.ShouldBe(["WatchSpec.Rows(kind: \"pools\"): should be empty", "WatchSpec.Odd: ", "outside of any spec: The fixture could not be put away"]);
        report.Skipped.ShouldBe([("WatchSpec.Old", "not ours")]);
    }

    [Fact]
    public void Read_NoReport_IsAnError() => Should.Throw<InvalidOperationException>(() => SpecReport.Read("{}"));
}
