namespace PushPlatform.Tests.Unit.Operator;

/// <summary>The plan, played through in a world where time passes only when a test says so.</summary>
public abstract class CampaignLife
{
    private protected CampaignWorld World { get; } = new();

    protected (string, string) Condition(string type)
    {
        var condition = World.Status.Conditions!.Single(condition => condition.Type == type);
        return (condition.Status, condition.Reason);
    }

    protected void Preview()
    {
        World.Pass();
        World.PreviewedShards = 16;
    }

    protected void Start()
    {
        World.OpenOnNodes = 1;
        Preview();
        World.Settle();
        World.Freeze(16, World.Matching);
        World.Settle();
        World.Settle();
        World.OpenOnNodes = 0;
    }

    protected void Pushed()
    {
        Start();
        Deliver(1);
        World.Settle();
        World.Now = World.Now.AddSeconds(1);
        World.Settle();
    }

    /// <summary>Of the two targets of each shard, so many are delivered.</summary>
    protected void Deliver(int each) =>
        World.Change(counts => counts with { Delivered = each, Pending = Math.Max(0, counts.Targeted - each), InFlight = 0 });

    protected void WaitOut()
    {
        for (int i = 0; i < 40; i++)
        {
            World.Settle();
            World.Now = World.Now.AddSeconds(1);
        }
    }
}
