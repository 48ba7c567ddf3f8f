namespace PushPlatform.VehicleClient;

/// <summary>What the car last said of itself. Only the latest counts, so a change that was not sent yet is replaced, never queued.</summary>
internal sealed class ReportedState(IReadOnlyDictionary<string, string>? labels, VehiclePosition? position)
{
    private readonly Lock _gate = new();
    private IReadOnlyDictionary<string, string>? _labels = labels;
    private VehiclePosition? _position = position;
    private bool _labelsChanged;
    private bool _positionChanged;

    internal void Set(IReadOnlyDictionary<string, string> labels)
    {
        lock (_gate)
        {
            _labels = labels;
            _labelsChanged = true;
        }
    }

    internal void Set(VehiclePosition position)
    {
        lock (_gate)
        {
            _position = position;
            _positionChanged = true;
        }
    }

    /// <summary>Everything, for a hello.</summary>
    internal (IReadOnlyDictionary<string, string>? Labels, VehiclePosition? Position) TakeAll()
    {
        lock (_gate)
        {
            _labelsChanged = false;
            _positionChanged = false;
            return (_labels, _position);
        }
    }

    /// <summary>The next frame that tells of a change, or null.</summary>
    internal ReadOnlyMemory<byte>? TakeChange()
    {
        lock (_gate)
        {
            if (_labelsChanged && _labels is not null)
            {
                _labelsChanged = false;
                return VehicleFrames.Labels(_labels);
            }

            if (_positionChanged && _position is not null)
            {
                _positionChanged = false;
                return VehicleFrames.Position(_position);
            }

            return null;
        }
    }
}
