using PushPlatform.Operator.Api;

namespace PushPlatform.Scenarios.Stages;

/// <summary>What a stage has on it.</summary>
internal sealed record StageOptions
{
    /// <summary>Where the manifests and the programs come from.</summary>
    public Checkout Checkout { get; init; } = Checkout.OfThisBuild();

    /// <summary>Push nodes of the pool, 1 or more.</summary>
    public int Nodes { get; init; } = 2;

    /// <summary>Operators, of which one leads.</summary>
    public int Operators { get; init; } = 1;

    /// <summary>Each pod reaches Redis and RabbitMQ, and an operator the API, through links of its own that can be broken (<see cref="StagePods.LinksOf"/>).</summary>
    public bool Links { get; init; }

    /// <summary>Changes that watches of the API in this process can go back; older versions answer 410.</summary>
    public int ApiHistory { get; init; } = 10_000;

    /// <summary>What differs from crds/samples/pool.yaml, such as shorter heartbeats.</summary>
    public Func<PushPoolSpec, PushPoolSpec> Pool { get; init; } = pool => pool;

    /// <summary>More variables for the operators, which hand some of them on to the nodes.</summary>
    public IReadOnlyDictionary<string, string> OperatorEnvironment { get; init; } = new Dictionary<string, string>();

    /// <summary>Uses the API server that <c>KUBE_BIN_DIR</c> or <c>KUBECONFIG</c> name, where one is set; otherwise always the one in this process.</summary>
    public bool ApiFromEnvironment { get; init; }

    /// <summary>Told what is being set up, a sentence each.</summary>
    public Action<string> Say { get; init; } = _ => { };

    public TimeProvider Time { get; init; } = TimeProvider.System;
}
