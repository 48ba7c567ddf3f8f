using PushPlatform.LocalCluster.Faults;

namespace PushPlatform.Scenarios.Stages;

/// <summary>The network between one pod and what it depends on. A pod keeps its links when its container is started again.</summary>
/// <param name="Api">Null for push nodes, which ask the API nothing.</param>
internal sealed record PodLinks(FaultyLink Redis, FaultyLink Rabbit, FaultyLink? Api) : IAsyncDisposable
{
    public void Heal()
    {
        Redis.Heal();
        Rabbit.Heal();
        Api?.Heal();
    }

    public async ValueTask DisposeAsync()
    {
        await Redis.DisposeAsync();
        await Rabbit.DisposeAsync();
        if (Api is not null)
        {
            await Api.DisposeAsync();
        }
    }
}
