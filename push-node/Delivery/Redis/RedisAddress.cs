using System.Net;
using StackExchange.Redis;

namespace PushPlatform.Delivery.Redis;

/// <summary>How Redis is named in settings: <c>host:port[,host:port][,password=…][,ssl=true]</c>.</summary>
public static class RedisAddress
{
    public const string Form = "host:port[,host:port][,password=…][,ssl=true]";

    /// <summary>Null when the text can be used; otherwise what is wrong. The text may hold a password, so nothing of it is repeated.</summary>
    public static string? Fault(string text) => Parse(text) is null ? $"it is no Redis address; one is written {Form}" : null;

    /// <summary>Whether whoever reads the text learns a password.</summary>
    public static bool HoldsPassword(string text) => !string.IsNullOrEmpty(Parse(text)?.Password);

    /// <summary>Null when the text cannot be used. A URL is refused: the client would take all of it, password included, for the name of a host.</summary>
    internal static ConfigurationOptions? Parse(string text)
    {
        try
        {
            ConfigurationOptions options = ConfigurationOptions.Parse(text);
            return options.EndPoints.Count > 0 && options.EndPoints.All(IsHost) ? options : null;
        }
        catch (Exception malformed) when (malformed is ArgumentException or FormatException or OverflowException)
        {
            return null;
        }
    }

    private static bool IsHost(EndPoint point) => point is not DnsEndPoint dns || Uri.CheckHostName(dns.Host) != UriHostNameType.Unknown;
}
