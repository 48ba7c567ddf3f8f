using PushPlatform.KubectlPush.Text;
using Shouldly;
using Xunit;

namespace PushPlatform.Tests.Unit.KubectlPush;

/// <summary>What others wrote, as this plugin shows it.</summary>
public sealed class PlainTests
{
    [Theory]
    [InlineData("Approve", "kubectl push approve brakes-2")]
    [InlineData("Promote", "kubectl push promote brakes-2")]
    [InlineData("PromoteAll", "kubectl push promote brakes-2 --all")]
    public void Line_WithARecipeForTheShell_NamesTheVerb(string verb, string command) => Plain.Line(
        "To go on: echo \"{apiVersion: pushplatform.io/v1alpha1, kind: PushCampaignApproval, metadata: {generateName: brakes-2-, namespace: fleet}, spec: {campaignRef: {name: brakes-2}, "
        + $"verb: {verb}, specHash: '0', approvedBy: '$(kubectl auth whoami -o jsonpath={{.status.userInfo.username}})'}}}}\" | kubectl create -f -").ShouldBe($"To go on: {command}");

    [Fact]
    public void Line_WithControlCharacters_ShowsThatTheyWereThere() => Plain.Line("a\u001b]0;title\u0007b\nc").ShouldBe("a\ufffd]0;title\ufffdb\ufffdc");
}
