using System.Text.Json.Nodes;
using PushPlatform.Tests.Resources;
using Shouldly;
using Xunit;

namespace PushPlatform.Tests.Unit.Operator.Api;

/// <summary>Every CEL rule has a row that breaks it, and every such row quotes a rule.</summary>
public sealed class RuleCoverageTests
{
    [Theory]
    [InlineData("pushcampaigns", "campaigns")]
    [InlineData("pushpools", "pools")]
    [InlineData("pushcampaignapprovals", "campaignapprovals")]
    public void Rules_Each_HasARowThatBreaksItAndNoRowQuotesAnother(string plural, string kind)
    {
        HashSet<string> messages = [];
        Collect(ResourceTable.SchemaOf(plural), messages);
        string[] words = [.. ResourceTable.Rows(kind).Where(row => row.Verdict is Verdict.BadByCel).Select(row => row.Words).Distinct()];

        messages.Where(message => !words.Any(message.Contains)).ShouldBeEmpty();
        words.Where(word => !messages.Any(message => message.Contains(word))).ShouldBeEmpty();
    }

    private static void Collect(JsonNode? node, HashSet<string> messages)
    {
        switch (node)
        {
            case JsonObject members:
                foreach (JsonNode? rule in members["x-kubernetes-validations"] as JsonArray ?? [])
                {
                    messages.Add((string)rule!["message"]!);
                }
                foreach ((_, JsonNode? member) in members)
                {
                    Collect(member, messages);
                }
                break;
            case JsonArray items:
                foreach (JsonNode? item in items)
                {
                    Collect(item, messages);
                }
                break;
        }
    }
}
