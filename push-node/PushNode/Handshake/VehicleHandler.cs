using System.Buffers;
using System.IO.Pipelines;
using PushPlatform.PushNode.Auth;
using PushPlatform.PushNode.Connections;
using PushPlatform.PushNode.Transport;

namespace PushPlatform.PushNode.Handshake;

/// <summary>Takes a TCP connection from the vehicle port through its handshake and hands it to a <see cref="VehicleConnection"/>.</summary>
/// <remarks>No HTTP server stands behind it, so nothing of a request stays in memory for the life of a socket.</remarks>
internal sealed class VehicleHandler(VehicleRoom room, IVehicleAuthenticator authenticator)
{
    /// <summary>Bytes of a request head, its empty line included.</summary>
    public const int MaxHead = 8 * 1024;

    /// <summary>For the whole head to arrive, and for its answer to leave.</summary>
    public static readonly TimeSpan Within = TimeSpan.FromSeconds(10);

    private static readonly byte[] EndOfHead = "\r\n\r\n"u8.ToArray();

    /// <summary>Returns when the connection is over; to give it back is the caller's.</summary>
    public async Task ServeAsync(IVehicleTransport transport)
    {
        room.Admission.Enter();
        try
        {
            if (await ShakeHandsAsync(transport) is { } vehicle)
            {
                await vehicle.RunAsync();
            }
        }
        finally
        {
            room.Admission.Leave();
        }
    }

    private async Task<VehicleConnection?> ShakeHandsAsync(IVehicleTransport transport)
    {
        Deadline deadline = new(transport);
        room.Wheel.Wake(deadline, Within);
        try
        {
            (UpgradeRequest? request, Refusal? refusal) = await ReadRequestAsync(transport.Input);
            if (refusal is not null)
            {
                await RefuseAsync(transport, refusal);
                return null;
            }

            if (request is null)
            {
                room.Metrics.Handshake(deadline.Outcome);
                return null;
            }

            Authorization authorization = await authenticator.JudgeAsync(request);
            if (!await transport.SendAsync(Acceptance.ToBytes(request)))
            {
                room.Metrics.Handshake(deadline.Outcome);
                return null;
            }

            VehicleConnection vehicle = new(authorization.Vid, request.Device, request.Role, transport, room);
            room.Metrics.Handshake(authorization.Refused is null ? "accepted" : "unauthorized");
            if (authorization.Refused is { } reason)
            {
                room.Metrics.Unauthorized(reason);

                // Browsers cannot see a 401: said after the upgrade, without waiting for a hello.
                vehicle.Close(CloseReason.Unauthorized);
            }

            return vehicle;
        }
        catch (Exception fault) when (fault is IOException or OperationCanceledException or ObjectDisposedException)
        {
            room.Metrics.Handshake(deadline.Outcome);
            return null;
        }
        finally
        {
            room.Wheel.Remove(deadline);
        }
    }

    /// <summary>Reads up to the end of the head; what comes after it belongs to the first frame. Neither: the other side went away without asking anything.</summary>
    private async Task<(UpgradeRequest? Request, Refusal? Refusal)> ReadRequestAsync(PipeReader input)
    {
        while (true)
        {
            ReadResult read = await input.ReadAsync();
            if (TryTakeHead(read.Buffer, out SequencePosition after, out UpgradeRequest? request, out Refusal? refusal))
            {
                input.AdvanceTo(after);
                return (request, refusal);
            }

            input.AdvanceTo(read.Buffer.Start, read.Buffer.End);
            if (read.IsCompleted)
            {
                return (null, null);
            }
        }
    }

    private bool TryTakeHead(in ReadOnlySequence<byte> input, out SequencePosition after, out UpgradeRequest? request, out Refusal? refusal)
    {
        request = null;
        refusal = null;
        after = input.End;
        SequenceReader<byte> reader = new(input.Slice(0, Math.Min(input.Length, MaxHead)));
        if (!reader.TryReadTo(out ReadOnlySequence<byte> head, EndOfHead))
        {
            refusal = input.Length >= MaxHead ? Refusal.HeadTooLarge : null;
            return refusal is not null;
        }

        after = reader.Position;
        AdmissionVerdict verdict = room.Admission.Judge(out int retryAfter);
        if (verdict != AdmissionVerdict.Admitted)
        {
            refusal = Refusal.Unavailable(verdict, retryAfter);
        }
        else
        {
            request = UpgradeRequest.Parse(head.IsSingleSegment ? head.FirstSpan : head.ToArray(), out refusal);
        }

        return true;
    }

    private async Task RefuseAsync(IVehicleTransport transport, Refusal refusal)
    {
        room.Metrics.Handshake(refusal.Outcome);
        await transport.SendAsync(refusal.ToBytes());
        if (refusal == Refusal.HeadTooLarge)
        {
            // To close while bytes still come would reset the connection, and the answer could be lost with it. The deadline bounds this.
            await DiscardAsync(transport.Input);
        }
    }

    private static async Task DiscardAsync(PipeReader input)
    {
        bool more = true;
        while (more)
        {
            ReadResult read = await input.ReadAsync();
            input.AdvanceTo(read.Buffer.End);
            more = !read.IsCompleted;
        }
    }

    /// <summary>Cuts a connection whose handshake is not over in time, or whose refusal is not taken.</summary>
    private sealed class Deadline(IVehicleTransport transport) : WheelEntry
    {
        private volatile bool _passed;

        /// <summary>Of a handshake that came to no end.</summary>
        public string Outcome => _passed ? "timeout" : "lost";

        protected internal override TimeSpan? OnDue()
        {
            _passed = true;
            transport.Abort();
            return null;
        }
    }
}
