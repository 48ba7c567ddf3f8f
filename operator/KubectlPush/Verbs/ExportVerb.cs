using System.CommandLine;
using System.Text.Json;
using PushPlatform.KubectlPush.Cluster;
using PushPlatform.KubectlPush.Resources;
using PushPlatform.KubectlPush.Text;

namespace PushPlatform.KubectlPush.Verbs;

/// <summary>Every car's fate.</summary>
internal static class ExportVerb
{
    /// <summary>Nothing came for so long: it will not come any more.</summary>
    private static readonly TimeSpan Silence = TimeSpan.FromSeconds(60);

    public static Command Create(Invocation invocation)
    {
        Argument<string> name = Arguments.Campaign();
        Option<string?> file = new("--file", "-f") { Description = "Where to write it; it is there only once it is whole. Default: standard output.", HelpName = "path" };
        Option<int?> revision = new("--revision") { Description = "An earlier revision; its ledger is kept for 90 days after its end. Default: the current one.", HelpName = "number" };
        Option<string[]> state = new("--state") { Description = "Only cars in these states.", HelpName = "state", AllowMultipleArgumentsPerToken = true };
        state.AcceptOnlyFromAmong("Pending", "Sent", "Received", "Delivered", "Failed", "Rejected", "Expired", "Suppressed");
        Option<string?> account = Arguments.ServiceAccount();
        Command command = new("export", "Writes what became of every car: CSV, or with -o json a JSON object a line. Streamed, however many there are. While the campaign runs, each car is as it was when it was read.")
        {
            name, file, revision, state, account,
        };
        command.SetAction((parsed, cancellationToken) => invocation.RunAsync(
            parsed,
            (session, token) => ExportAsync(session, new Request(parsed.GetRequiredValue(name), parsed.GetValue(file), parsed.GetValue(revision), parsed.GetValue(state) ?? [], parsed.GetValue(account)), token),
            cancellationToken));
        return command;
    }

    private static async Task<int> ExportAsync(Session session, Request asked, CancellationToken cancellationToken)
    {
        Campaign campaign = await Campaign.GetAsync(session.Api, asked.Name, cancellationToken);
        using OperatorApi ledger = await OperatorApi.OfPoolAsync(session.Api, campaign.Pool, asked.ServiceAccount, session.Time, cancellationToken);
        string states = string.Concat(asked.States.Select((state, index) => $"{(index == 0 && asked.Revision is null ? '?' : '&')}state={state}"));
        await using Stream body = await ledger.OpenAsync(OperatorApi.Campaign(session.Api.Namespace, asked.Name, "deliveries", asked.Revision) + states, cancellationToken);
        long records;
        if (asked.File is { } path)
        {
            records = await ToFileAsync(session, body, path, cancellationToken);
        }
        else
        {
            records = await CopyAsync(session, body, session.Terminal.Out, cancellationToken);
        }
        string outcome = asked.Revision is null && campaign.View.Status.Outcome is { } end ? $"; the campaign is over: {end}" : "";
        await session.RemarkAsync($"{Numbers.Vehicles(records)}{(asked.File is { } written ? $" in {written}" : "")}{outcome}");
        return ExitCodes.Done;
    }

    private static async Task<long> ToFileAsync(Session session, Stream body, string path, CancellationToken cancellationToken)
    {
        await using WholeFile whole = WholeFile.Create(path);
        long records;
        await using (StreamWriter file = new(whole.Stream, leaveOpen: true))
        {
            records = await CopyAsync(session, body, file, cancellationToken);
        }
        whole.Finish();
        return records;
    }

    /// <returns>How many cars there were.</returns>
    private static async Task<long> CopyAsync(Session session, Stream body, TextWriter to, CancellationToken cancellationToken)
    {
        if (!session.Json)
        {
            await to.WriteLineAsync(Csv.Head);
        }
        using StreamReader reader = new(body);
        long records = 0;
        while (await NextAsync(reader, session.Time, records, cancellationToken) is { } line)
        {
            using JsonDocument document = JsonDocument.Parse(line);
            DeliveryView delivery = Resource.Read<DeliveryView>(document.RootElement);
            if (delivery.Records is { } all)
            {
                return all == records ? records : throw BrokenOff(records, $"there should be {all}");
            }
            records++;
            await to.WriteLineAsync((session.Json ? line : Csv.Line(delivery)).AsMemory(), cancellationToken);
        }
        throw BrokenOff(records, "its end is missing");
    }

    private static async Task<string?> NextAsync(StreamReader reader, TimeProvider time, long records, CancellationToken cancellationToken)
    {
        try
        {
            return await reader.ReadLineAsync(cancellationToken).AsTask().WaitAsync(Silence, time, cancellationToken);
        }
        catch (Exception broken) when (broken is IOException or HttpRequestException or TimeoutException)
        {
            throw BrokenOff(records, broken.Message);
        }
    }

    private static Refusal BrokenOff(long records, string why) => new($"The list broke off after {Numbers.Vehicles(records)}: {why}.", "What was written is not all: export again.");

    private sealed record Request(string Name, string? File, int? Revision, IReadOnlyList<string> States, string? ServiceAccount);
}
