namespace PushPlatform.Benchmarks;

/// <summary>What the person asked <c>tests/bench</c> for.</summary>
/// <param name="Peers">Other people's servers too.</param>
/// <param name="Quick">Short times: for work on the benchmark, not for figures.</param>
internal sealed record BenchOptions(int Connections, bool Peers, bool Quick)
{
    public const int ConnectsPerSecond = 1500;

    /// <summary>Until memory is looked at.</summary>
    public TimeSpan Settle => Seconds(20, 5);

    public TimeSpan IdleWindow => Seconds(30, 5);

    public TimeSpan AfterBurst => Seconds(60, 3);

    public int Rounds => Quick ? 3 : 10;

    /// <summary>How often a comparison is made, the servers taking turns; the median counts.</summary>
    public int Passes => Quick ? 1 : 3;

    public int Cycles => Quick ? 3 : 10;

    /// <summary>Of the ledger that is filled by itself, and of the campaign that the operator has.</summary>
    public int LedgerVids => Quick ? 50_000 : 1_000_000;

    public int ScaleCars => Quick ? 3000 : 100_000;

    public int ScaleNodes => Quick ? 2 : 6;

    public TimeSpan OperatorWindow => Seconds(60, 10);

    public TimeSpan ConnectPatience => TimeSpan.FromSeconds(60 + (2.0 * Connections / ConnectsPerSecond));

    private TimeSpan Seconds(int full, int quick) => TimeSpan.FromSeconds(Quick ? quick : full);
}
