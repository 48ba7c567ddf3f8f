using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using PushPlatform.PushNode.Telemetry;

namespace PushPlatform.PushNode.Lifecycle;

/// <summary>A value that comes from mounted files, read again when their content changes: also when Kubernetes swaps the symlink above them. A broken new content leaves the old value in use.</summary>
/// <remarks>The content is compared rather than watched: a few KiB every few seconds, right on every file system.</remarks>
internal abstract class ReloadedFile<T> : BackgroundService, IHealthSource
    where T : class
{
    public static readonly TimeSpan Period = TimeSpan.FromSeconds(5);

    private const int MaxBytes = 1024 * 1024;

    private readonly string _part;
    private readonly Reader _read;
    private readonly Parser _parse;
    private readonly TimeProvider _time;
    private readonly LoopPulses _pulses;
    private readonly ILogger _logger;
    private volatile T _value;
    private volatile string? _fault;
    private string _content;

    /// <param name="part">What it is, in a word, for health and log.</param>
    /// <exception cref="InvalidDataException">The files cannot be used: a node does not start without them.</exception>
    protected ReloadedFile(string part, Reader read, Parser parse, TimeProvider time, LoopPulses pulses, ILogger logger)
    {
        _part = part;
        _read = read;
        _parse = parse;
        _time = time;
        _pulses = pulses;
        _logger = logger;
        string? fault = read(out _content);
        T? value = null;
        fault ??= parse(_content, out value);
        _value = value ?? throw new InvalidDataException(fault);
    }

    /// <summary>Reads all that the value comes from.</summary>
    /// <returns>Null, or why it cannot be read.</returns>
    protected delegate string? Reader(out string content);

    /// <summary>Makes the value of what was read.</summary>
    /// <returns>Null, or why the content cannot be used.</returns>
    protected delegate string? Parser(string content, out T? value);

    /// <summary>The node stays useful: it goes on with what it has.</summary>
    public IEnumerable<HealthFault> Faults => _fault is { } fault ? [new HealthFault(_part, $"{fault}; what was read before stays in use", Blocks: false)] : [];

    protected T Value => _value;

    /// <summary>Looks once.</summary>
    public void Refresh()
    {
        string? fault = _read(out string content);
        if (fault is null && content != _content)
        {
            fault = TryParse(content, out T? value);
            if (value is not null)
            {
                _content = content;
                _value = value;
                _logger.FileTaken(_part);
            }
        }

        if (fault is not null && fault != _fault)
        {
            _logger.FileKept(fault);
        }

        _fault = fault;
    }

    /// <summary>A text file of at most 1 MiB.</summary>
    /// <returns>Null, or why it cannot be read.</returns>
    protected static string? ReadText(string path, string what, out string content)
    {
        content = "";
        try
        {
            if (new FileInfo(path).Length > MaxBytes)
            {
                return $"The {what} {path} is longer than {MaxBytes} bytes";
            }

            content = File.ReadAllText(path);
            return null;
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            return $"The {what} {path} cannot be read: {fault.Message}";
        }
    }

    [SuppressMessage("Design", "CA1031", Justification = "Whatever a new content does to its parser, one Secret must not end all nodes of a pool at once.")]
    private string? TryParse(string content, out T? value)
    {
        try
        {
            return _parse(content, out value);
        }
        catch (Exception fault)
        {
            value = null;
            return $"The {_part} cannot be used: {fault.Message}";
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        LoopPulse pulse = _pulses.Add(_part, 6 * Period);
        using PeriodicTimer timer = new(Period, _time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            Refresh();
            pulse.Beat();
        }
    }
}
