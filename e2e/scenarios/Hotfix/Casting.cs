namespace PushPlatform.Scenarios.Hotfix;

/// <summary>How many cars play which part, in proportion to the fleet.</summary>
/// <param name="Steady">Match, and stay connected as far as it is up to them.</param>
/// <param name="Dropping">Match, and lose their link without a word in mid-push.</param>
/// <param name="LeavingEarly">Match, were connected once, and leave before the campaign is applied; they come back when the push is over.</param>
/// <param name="LeavingLate">The same, but they leave after the campaign was applied.</param>
/// <param name="OtherModel">In the area, another model.</param>
/// <param name="OtherPlace">The model, outside the area.</param>
/// <param name="NewDuring">Match, and appear for the first time while the push runs: targets too.</param>
/// <param name="NewAfter">Match, and appear for the first time when the push is over: not told.</param>
internal sealed record Casting(
    int Steady, int Dropping, int LeavingEarly, int LeavingLate, int OtherModel, int OtherPlace, int NewDuring, int NewAfter)
{
    /// <summary>Of 1,000: 900 match, of which 50 are away and 30 drop; 20 more appear during the push and 20 after it.</summary>
    public static Casting For(int vehicles)
    {
        int matching = vehicles * 9 / 10;
        int away = Math.Max(2, vehicles / 20);
        int dropping = Math.Max(1, vehicles * 3 / 100);
        int newcomers = Math.Max(1, vehicles / 50);
        int others = vehicles - matching;
        return new Casting(
            matching - away - dropping, dropping, away / 2, away - (away / 2), others / 2, others - (others / 2), newcomers, newcomers);
    }

    public int Known => Steady + Dropping + Away + OtherModel + OtherPlace;

    public int Total => Known + NewDuring + NewAfter;

    public int Away => LeavingEarly + LeavingLate;

    /// <summary>Known cars that match: what the preview must say.</summary>
    public int Matching => Steady + Dropping + Away;

    public int Targets => Matching + NewDuring;
}
