using PushPlatform.Operator.Campaigns.Lists;
using Shouldly;
using Xunit;

namespace PushPlatform.Tests.Unit.Operator.Lists;

public sealed class ListUrlsTests
{
    private const string Setting = "https://files.example.com/recalls/ http://10.1.2.3:8080/";

    [Theory]
    [InlineData("https://files.example.com/recalls/may.txt", true)]
    [InlineData("https://FILES.example.com:443/recalls/2026/may.txt?key=1", true)]
    [InlineData("http://10.1.2.3:8080/any", true)]
    [InlineData("https://files.example.com/recalls-of-others/may.txt", false)]
    [InlineData("https://files.example.com/recalls", false)]
    [InlineData("https://files.example.com/recalls/../secret.txt", false)]
    [InlineData("https://files.example.com/recalls/%2e%2e/secret.txt", false)]
    [InlineData("https://files.example.com/recalls/..%2fsecret.txt", false)]
    [InlineData("https://files.example.com/recalls/..%5Csecret.txt", false)]
    [InlineData("http://files.example.com/recalls/may.txt", false)]
    [InlineData("https://files.example.com:8443/recalls/may.txt", false)]
    [InlineData("https://files.example.com.evil.example/recalls/may.txt", false)]
    [InlineData("https://files.example.com@evil.example/recalls/may.txt", false)]
    [InlineData("https://user:pass@files.example.com/recalls/may.txt", false)]
    [InlineData("http://169.254.169.254/latest/meta-data/", false)]
    [InlineData("http://10.1.2.3/any", false)]
    [InlineData("file:///etc/passwd", false)]
    [InlineData("/recalls/may.txt", false)]
    public void Allowed_OnlyBelowWhatIsNamed(string url, bool allowed)
    {
        List<string> faults = [];
        (ListUrls.Read("LIST_URLS", Setting, faults).Allowed(url) is not null).ShouldBe(allowed);
        faults.ShouldBeEmpty();
    }

    [Fact]
    public void Allowed_NothingNamed_IsNothing() => ListUrls.None.Allowed("https://files.example.com/recalls/may.txt").ShouldBeNull();

    [Theory]
    [InlineData("https://files.example.com/recalls")]
    [InlineData("files.example.com/")]
    [InlineData("ftp://files.example.com/")]
    [InlineData("https://files.example.com/?a=/")]
    [InlineData("https://me:secret@files.example.com/")]
    [InlineData("*")]
    public void Read_WhatIsNoPrefix_IsAFault(string word)
    {
        List<string> faults = [];
        ListUrls.Read("LIST_URLS", $"https://good.example/ {word}", faults);

        faults.ShouldHaveSingleItem().ShouldStartWith("LIST_URLS ");
    }
}
