using System.Net;

namespace PushPlatform.Operator.Inquiry;

/// <summary>Where the operator can be asked, as it stands in the status of pools.</summary>
internal static class InquiryAddress
{
    /// <summary>Begins an address that is reached through the API server's proxy to Services.</summary>
    public const string ServicePrefix = "service:";

    /// <summary>Null where nobody could reach it.</summary>
    /// <param name="service"><c>namespace/name:port</c>, when there is one.</param>
    /// <param name="bind">Where the process listens.</param>
    /// <param name="port">And the port; null = it does not.</param>
    public static string? Of(string? service, IPAddress bind, int? port) =>
        port is null ? null
        : service is not null ? $"{ServicePrefix}{service}"
        : IsOnThisMachine(bind) ? new UriBuilder(Uri.UriSchemeHttp, bind.ToString(), port.Value).Uri.ToString()
        : null;

    /// <summary>Nothing leaves the machine: what is said needs no TLS.</summary>
    public static bool IsOnThisMachine(IPAddress bind) => IPAddress.IsLoopback(bind);

    /// <summary>Null: well written.</summary>
    public static string? Fault(string service) =>
        service.Split('/') is [{ Length: > 0 }, { Length: > 0 } named] && named.Split(':') is [{ Length: > 0 }, { Length: > 0 }] ? null : $"is written <namespace>/<service>:<port>, not '{service}'";
}
