using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace PushPlatform.LocalCluster.Servers;

/// <summary>Ports for servers that must be told their port before they start.</summary>
internal static class FreePort
{
    // Below Linux's ephemeral range (32768…): no outgoing connection can take the port between this look and the server's bind.
    private const int First = 15_000;
    private const int Last = 32_000;

    // Servers are started side by side, and each takes a moment to bind.
    private static readonly ConcurrentDictionary<int, bool> Given = new();

    /// <summary>A TCP port that nothing listens on, now, on any address of this machine, and that this process has given to nobody.</summary>
    /// <exception cref="IOException">A hundred tries found none.</exception>
    public static int Next()
    {
        for (int attempt = 0; attempt < 100; attempt++)
        {
            int port = Random.Shared.Next(First, Last);
            if (!Given.TryAdd(port, true))
            {
                continue;
            }
            using Socket socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            try
            {
                socket.Bind(new IPEndPoint(IPAddress.Any, port));
                return port;
            }
            catch (SocketException)
            {
                // Taken: try another.
            }
        }
        throw new IOException($"no free port in {First}–{Last}");
    }
}
