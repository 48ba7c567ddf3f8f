using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using PushPlatform.PushNode.Lifecycle;
using PushPlatform.PushNode.Telemetry;

namespace PushPlatform.PushNode.Auth;

/// <summary>The file of the keys, read again when its content changes: also when Kubernetes swaps the symlink above it.</summary>
/// <remarks>The content is compared rather than watched: a few KiB every few seconds, right on every file system.</remarks>
internal sealed class KeyFile : BackgroundService, IHealthSource
{
    public static readonly TimeSpan Period = TimeSpan.FromSeconds(5);

    private const int MaxBytes = 1024 * 1024;

    private readonly string _path;
    private readonly TimeProvider _time;
    private readonly LoopPulses _pulses;
    private readonly ILogger<KeyFile> _logger;
    private volatile KeySet _keys;
    private volatile string? _fault;
    private string _content;

    /// <exception cref="InvalidDataException">The file cannot be used: a node does not start without keys.</exception>
    public KeyFile(string path, TimeProvider time, LoopPulses pulses, ILogger<KeyFile> logger)
    {
        _path = path;
        _time = time;
        _pulses = pulses;
        _logger = logger;
        string? fault = Inspect(path, out _content, out KeySet? keys);
        _keys = keys ?? throw new InvalidDataException(fault);
    }

    public KeySet Keys => _keys;

    /// <summary>The node stays useful: it goes on with the keys that it has.</summary>
    public IEnumerable<HealthFault> Faults => _fault is { } fault ? [new HealthFault("keys", $"{fault}; the keys read before stay in use", Blocks: false)] : [];

    /// <summary>Null when the file can be used; otherwise why not.</summary>
    public static string? Inspect(string path, out string content, out KeySet? keys)
    {
        content = "";
        keys = null;
        try
        {
            if (new FileInfo(path).Length > MaxBytes)
            {
                return $"The key file {path} is longer than {MaxBytes} bytes";
            }

            content = File.ReadAllText(path);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            return $"The key file {path} cannot be read: {fault.Message}";
        }

        return KeySet.TryParse(content, out keys, out string? reason) ? null : $"The key file {path} cannot be used: {reason}";
    }

    /// <summary>Looks once.</summary>
    public void Refresh()
    {
        string? fault = Inspect(_path, out string content, out KeySet? keys);
        if (keys is not null && content != _content)
        {
            _content = content;
            _keys = keys;
            _logger.KeysRead(keys.Keys.Count);
        }

        if (fault is not null && fault != _fault)
        {
            _logger.KeysKept(fault);
        }

        _fault = fault;
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        LoopPulse pulse = _pulses.Add("keys", 6 * Period);
        using PeriodicTimer timer = new(Period, _time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            Refresh();
            pulse.Beat();
        }
    }
}
