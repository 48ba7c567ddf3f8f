using PushPlatform.Scenarios.Stages;
using Xunit;

namespace PushPlatform.Tests.Integration.Faults;

/// <summary>A stage that the stories of one class play on, one after the other.</summary>
public abstract class FaultStage : IAsyncLifetime
{
    private Stage? _stage;

    internal Stage Stage => _stage!;

    private protected abstract StageOptions Options { get; }

    public async ValueTask InitializeAsync() => _stage = await Stage.SetUpAsync(Options, CancellationToken.None);

    public async ValueTask DisposeAsync()
    {
        if (_stage is not null)
        {
            await _stage.DisposeAsync();
        }

        GC.SuppressFinalize(this);
    }
}

/// <summary>Two nodes, one operator.</summary>
public sealed class NodesStage : FaultStage
{
    private protected override StageOptions Options => new() { Links = true };
}

/// <summary>Two nodes that take five seconds to send their cars away, one operator.</summary>
public sealed class ScaledStage : FaultStage
{
    private protected override StageOptions Options => new() { Pool = pool => pool with { DrainSeconds = 5 } };
}

/// <summary>Two nodes, two operators.</summary>
public sealed class OperatorsStage : FaultStage
{
    private protected override StageOptions Options => new() { Links = true, Operators = 2 };
}

/// <summary>Two nodes, one operator, and an API whose watches can go back a few changes only.</summary>
public sealed class ForgetfulApiStage : FaultStage
{
    public const int History = 40;

    private protected override StageOptions Options => new() { Links = true, ApiHistory = History };
}
