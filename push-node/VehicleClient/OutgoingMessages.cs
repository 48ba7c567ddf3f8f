using System.Diagnostics.CodeAnalysis;

namespace PushPlatform.VehicleClient;

/// <summary>
/// The messages to services that were given to one connection and have no outcome yet. At most 16; full: the next one is not sent. They end with the connection, for nothing is
/// repeated.
/// </summary>
internal sealed class OutgoingMessages
{
    private const int Capacity = 16;

    private readonly Lock _gate = new();
    private readonly Dictionary<string, Waiting> _waiting = [];
    private readonly Queue<Waiting> _unsent = new();
    private bool _ended;

    /// <summary>False: the connection is over, there is no room for it, or one with this id waits already.</summary>
    internal bool TryAdd(string id, ReadOnlyMemory<byte> frame, [NotNullWhen(true)] out Task<MessageOutcome>? outcome)
    {
        Waiting waiting = new(frame);
        lock (_gate)
        {
            bool added = !_ended && _waiting.Count < Capacity && _waiting.TryAdd(id, waiting);
            if (added)
            {
                _unsent.Enqueue(waiting);
            }

            outcome = added ? waiting.Outcome.Task : null;
            return added;
        }
    }

    /// <summary>The next frame to send, or null; from now on it counts as sent.</summary>
    internal ReadOnlyMemory<byte>? TakeUnsent()
    {
        lock (_gate)
        {
            while (_unsent.TryDequeue(out Waiting? next))
            {
                if (!next.Outcome.Task.IsCompleted)
                {
                    next.IsSent = true;
                    return next.Frame;
                }
            }

            return null;
        }
    }

    /// <summary>The node has said what became of it.</summary>
    internal void Settle(string id, MessageOutcome outcome)
    {
        lock (_gate)
        {
            if (_waiting.Remove(id, out Waiting? waiting))
            {
                waiting.Outcome.TrySetResult(outcome);
            }
        }
    }

    /// <summary>Nobody waits for it any more.</summary>
    internal void GiveUp(string id)
    {
        lock (_gate)
        {
            if (_waiting.Remove(id, out Waiting? waiting))
            {
                waiting.Outcome.TrySetResult(waiting.IsSent ? MessageOutcome.Unknown : MessageOutcome.NotSent);
            }
        }
    }

    /// <summary>The connection is over.</summary>
    internal void ConnectionEnded()
    {
        lock (_gate)
        {
            _ended = true;
            foreach (Waiting waiting in _waiting.Values)
            {
                waiting.Outcome.TrySetResult(waiting.IsSent ? MessageOutcome.Unknown : MessageOutcome.NotSent);
            }

            _waiting.Clear();
            _unsent.Clear();
        }
    }

    private sealed class Waiting(ReadOnlyMemory<byte> frame)
    {
        public ReadOnlyMemory<byte> Frame { get; } = frame;

        public TaskCompletionSource<MessageOutcome> Outcome { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public bool IsSent { get; set; }
    }
}
