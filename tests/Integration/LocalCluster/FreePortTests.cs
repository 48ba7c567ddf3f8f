using PushPlatform.LocalCluster.Servers;
using Shouldly;
using Xunit;

namespace PushPlatform.Tests.Integration.LocalCluster;

/// <summary>Servers are started side by side: what one is given must not be another's while it is not bound yet.</summary>
public sealed class FreePortTests
{
    [Fact]
    public void Next_IsGivenToNobodyTwice() => Enumerable.Range(0, 1000).Select(_ => FreePort.Next()).ShouldBeUnique();
}
