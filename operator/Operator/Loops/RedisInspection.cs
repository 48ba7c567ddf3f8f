using PushPlatform.Delivery;
using PushPlatform.Delivery.Ledger;
using PushPlatform.Operator.Telemetry;

namespace PushPlatform.Operator.Loops;

/// <summary>Looks whether Redis is fit to keep a ledger: one that evicts keys loses who was told. Every replica looks, for its own readiness.</summary>
internal sealed class RedisInspection(ILedgerControl ledgers, TimeProvider time, ILogger<RedisInspection> log) : BackgroundService
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(30);

    // An operator that starts before Redis can be asked would else call itself ready for a whole period.
    private static readonly TimeSpan PeriodWhileSilent = TimeSpan.FromSeconds(2);

    private volatile IReadOnlyList<string> _faults = [];
    private HashSet<string> _said = [];
    private bool _silent;

    /// <summary>For <c>/readyz</c>; empty while Redis is fit, and while it cannot be asked.</summary>
    public IReadOnlyList<string> Faults => _faults;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Period, time);
        do
        {
            try
            {
                ServerReport report = await ledgers.InspectServerAsync(stoppingToken);
                if (_silent)
                {
                    log.LoopHasRedisAgain(nameof(RedisInspection));
                }
                _silent = false;
                timer.Period = Period;
                _faults = report.Faults;
                Say([.. report.Faults, .. report.Warnings]);
            }
            catch (StoreUnavailableException fault)
            {
                if (!_silent)
                {
                    log.LoopWithoutRedis(nameof(RedisInspection), fault.Message);
                }
                _silent = true;
                timer.Period = PeriodWhileSilent;
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    // Once each, and again after it was gone.
    private void Say(HashSet<string> remarks)
    {
        foreach (string remark in remarks.Except(_said))
        {
            log.RedisUnfit(remark);
        }
        _said = remarks;
    }
}
