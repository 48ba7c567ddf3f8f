using PushPlatform.Operator.Api;
using PushPlatform.Operator.Pools;

namespace PushPlatform.Tests.Unit.Operator;

/// <summary>A pool with a ReplicaSet, nodes and cars, each of which acts when it is told to, and an operator that may die between any two of its writes.</summary>
internal sealed class ScaleWorld(Autoscale? autoscale)
{
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private readonly List<SimulatedPod> _pods = [];
    private readonly HashSet<string> _told = [];
    private int _asked = 3;
    private int _born;
    private QuietSpell? _spell;

    public DateTimeOffset Now { get; private set; } = Start;

    public int Replicas { get; set; } = 3;

    public bool Pushing { get; set; }

    public bool RedisAnswers { get; set; } = true;

    public int Asked => _asked;

    public IReadOnlyList<SimulatedPod> Pods => _pods;

    public int Cars => _pods.Sum(pod => pod.Cars);

    public ScaleDecision Decide() => ScalePlan.Decide(new ScaleObservation
    {
        Now = Now,
        Asked = _asked,
        Pods = [.. _pods.Select(pod => pod.Seen(RedisAnswers, _told.Contains(pod.Name)))],
        Replicas = Replicas,
        Autoscale = autoscale,
        Drain = TimeSpan.FromSeconds(60),
        StoreAnswers = RedisAnswers,
        Connections = RedisAnswers ? Cars : 0,
        Pushing = Pushing ? "brakes" : null,
        Spell = _spell,
    });

    /// <summary>One pass of the operator, which dies after so many of its writes.</summary>
    public ScaleDecision Pass(int writes = int.MaxValue)
    {
        ScaleDecision decision = Decide();
        List<Action> steps = [.. decision.Mark.Select<string, Action>(pod => () => Find(pod).Marked = true)];
        if (RedisAnswers)
        {
            steps.Add(() =>
            {
                _told.Clear();
                _told.UnionWith(decision.Draining);
            });
        }
        steps.AddRange(decision.Lift.Select<string, Action>(pod => () => Find(pod).Marked = false));
        steps.Add(() => (_asked, _spell) = (decision.Replicas, decision.Spell));
        steps.Take(writes).ToList().ForEach(step => step());
        return decision;
    }

    /// <summary>Makes what is missing, or gives up one that is too many: of those that are not ready any, for no version of Kubernetes looks at costs before that. Answers it.</summary>
    public SimulatedPod? ReplicaSetActs(int choice)
    {
        if (_pods.Count < _asked)
        {
            _pods.Add(new SimulatedPod($"pod-{_born}", Start.AddSeconds(_born++)));
            return null;
        }
        if (_pods.Count == _asked)
        {
            return null;
        }
        SimulatedPod[] first = [.. _pods.GroupBy(pod => pod.Ready).OrderBy(group => group.Key).First()];
        SimulatedPod victim = first[choice % first.Length];
        _pods.Remove(victim);
        return victim;
    }

    /// <summary>Nodes hear what Redis says; who is told sends two cars to others and is not ready when it has none.</summary>
    public void NodesBeat()
    {
        foreach (SimulatedPod pod in _pods)
        {
            pod.Accepting = RedisAnswers ? !_told.Contains(pod.Name) : pod.Accepting;
            int leave = pod.Accepting ? 0 : Math.Min(2, pod.Cars);
            pod.Cars -= leave;
            Come(leave);
            pod.Ready = pod.Accepting || pod.Cars > 0;
        }
    }

    /// <summary>Cars come, through the Service.</summary>
    public void Come(int cars)
    {
        SimulatedPod[] open = [.. _pods.Where(pod => pod is { Ready: true, Marked: false, Accepting: true })];
        for (int car = 0; car < cars && open.Length > 0; car++)
        {
            open[car % open.Length].Cars++;
        }
    }

    /// <summary>Redis comes back without its memory. Not while a ReplicaSet is about to give a pod up: then the emptied one may be ready again, and only the deletion cost singles it out.</summary>
    public void RedisForgets()
    {
        if (_pods.Count <= _asked)
        {
            _told.Clear();
        }
    }

    public void Leave(int cars)
    {
        foreach (SimulatedPod pod in _pods)
        {
            int gone = Math.Min(cars, pod.Cars);
            pod.Cars -= gone;
            cars -= gone;
        }
    }

    public void TimePasses(TimeSpan time) => Now += time;

    private SimulatedPod Find(string name) => _pods.Single(pod => pod.Name == name);
}

internal sealed class SimulatedPod(string name, DateTimeOffset born)
{
    public string Name => name;

    public bool Ready { get; set; }

    public bool Marked { get; set; }

    public bool Accepting { get; set; }

    public int Cars { get; set; }

    public PoolPod Seen(bool redis, bool told) => new(name, Ready, Marked, born)
    {
        Connections = redis ? Cars : null,
        Accepting = redis && Accepting,
        Told = told ? TimeSpan.FromSeconds(1) : null,
    };
}
