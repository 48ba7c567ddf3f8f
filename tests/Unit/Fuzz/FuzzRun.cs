using System.Diagnostics;
using System.Globalization;
using Xunit;

namespace PushPlatform.Tests.Unit.Fuzz;

/// <summary>Rounds of a fuzz, each from a seed of its own. Bounded and always the same by default; tests/README.md says how to run it for long and how to replay a round.</summary>
internal static class FuzzRun
{
    private const string Seed = "PUSH_FUZZ_SEED";
    private const string Seconds = "PUSH_FUZZ_SECONDS";

    /// <param name="rounds">By default: seeds 1 to this.</param>
    public static async Task RunAsync(int rounds, Func<Random, Task> round)
    {
        int done = 0;
        foreach (int seed in SeedsOf(rounds))
        {
            try
            {
                await round(new Random(seed));
            }
            catch (Exception fault)
            {
                throw new InvalidOperationException($"Round {done} failed; replay it with {Seed}={seed}. {fault.Message}", fault);
            }

            done++;
        }

        TestContext.Current.TestOutputHelper?.WriteLine($"{done} rounds");
    }

    public static Task RunAsync(int rounds, Action<Random> round) => RunAsync(
        rounds,
        random =>
        {
            round(random);
            return Task.CompletedTask;
        });

    private static IEnumerable<int> SeedsOf(int rounds)
    {
        if (Number(Seed) is { } one)
        {
            yield return one;
        }
        else if (Number(Seconds) is { } seconds)
        {
            for (Stopwatch watch = Stopwatch.StartNew(); watch.Elapsed.TotalSeconds < seconds;)
            {
                yield return Random.Shared.Next();
            }
        }
        else
        {
            for (int seed = 1; seed <= rounds; seed++)
            {
                yield return seed;
            }
        }
    }

    private static int? Number(string variable) =>
        int.TryParse(Environment.GetEnvironmentVariable(variable), CultureInfo.InvariantCulture, out int number) ? number : null;
}
