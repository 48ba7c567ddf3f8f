using System.Net.Security;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using PushPlatform.PushNode.Connections;
using PushPlatform.PushNode.Handshake;
using PushPlatform.PushNode.Telemetry;

namespace PushPlatform.PushNode.Tls;

/// <summary>TLS on the vehicle port: Kestrel's own, within a time and a number of connections, and with a name for each failure.</summary>
internal sealed class TlsEntrance(CertificateFolder certificate, Admission admission, TimingWheel wheel, NodeMetrics metrics)
{
    /// <summary>To be called before the connection handler is set.</summary>
    public void Guard(ListenOptions listen)
    {
        listen.Use(next => connection => EnterAsync(connection, next));
        // Ours is the deadline that counts; Kestrel cannot do without one.
        listen.UseHttps(new TlsHandshakeCallbackOptions { OnConnection = Answer, HandshakeTimeout = 2 * VehicleHandler.Within });
        listen.Use(next => connection =>
        {
            HandshakeOf(connection).Over(wheel, admission);
            return next(connection);
        });
    }

    private static TlsHandshake HandshakeOf(ConnectionContext connection) =>
        connection.Features.Get<TlsHandshake>() ?? throw new InvalidOperationException("A connection came around its TLS entrance.");

    private async Task EnterAsync(ConnectionContext connection, ConnectionDelegate next)
    {
        if (admission.Connections >= admission.MaxConnections)
        {
            // A 503 would cost the handshake that this node has no room for. To the car it is a broken link.
            metrics.Handshake("tls-full");
            connection.Abort();
            return;
        }

        TlsHandshake handshake = new(connection);
        connection.Features.Set(handshake);
        admission.Enter();
        wheel.Wake(handshake, VehicleHandler.Within);
        try
        {
            await next(connection);
        }
        finally
        {
            if (!handshake.IsOver)
            {
                handshake.Over(wheel, admission);
                metrics.Handshake(handshake.Failure);
            }
        }
    }

    private ValueTask<SslServerAuthenticationOptions> Answer(TlsHandshakeCallbackContext context)
    {
        HandshakeOf(context.Connection).HasHello = true;
        return ValueTask.FromResult(certificate.Options);
    }

    /// <summary>One handshake, which is cut when it takes too long. Counts as a connection until it is over.</summary>
    private sealed class TlsHandshake(ConnectionContext connection) : WheelEntry
    {
        private volatile bool _late;

        /// <summary>Whether the other side has begun to speak TLS.</summary>
        public bool HasHello { get; set; }

        public bool IsOver { get; private set; }

        /// <summary>Not TLS at all (or nothing); not in time; or no version, cipher or certificate that suits both.</summary>
        public string Failure => _late ? "tls-late" : HasHello ? "tls-failed" : "tls-none";

        public void Over(TimingWheel wheel, Admission admission)
        {
            IsOver = true;
            wheel.Remove(this);
            admission.Leave();
        }

        protected internal override TimeSpan? OnDue()
        {
            _late = true;
            connection.Abort();
            return null;
        }
    }
}
