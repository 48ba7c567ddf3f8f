using RabbitMQ.Client;

namespace PushPlatform.Delivery.Rabbit;

/// <summary>How RabbitMQ is named in settings: an <c>amqp://</c> or <c>amqps://</c> URI.</summary>
public static class RabbitAddress
{
    /// <summary>Null when the text can be used; otherwise what is wrong. The text may hold a password, so nothing of it is repeated.</summary>
    public static string? Fault(string text) =>
        Parse(text) is null ? "it is no amqp:// or amqps:// URI; user, password and virtual host are percent-encoded" : null;

    /// <summary>Whether whoever reads the text learns a password.</summary>
    public static bool HoldsPassword(string text) => Uri.TryCreate(text, UriKind.Absolute, out Uri? uri) && uri.UserInfo.Contains(':');

    /// <summary>Null when the text cannot be used. The library would say why by quoting user and password.</summary>
    internal static ConnectionFactory? Parse(string text)
    {
        if (!Uri.TryCreate(text, UriKind.Absolute, out Uri? uri) || uri.Scheme is not ("amqp" or "amqps"))
        {
            return null;
        }

        try
        {
            return new ConnectionFactory { Uri = uri };
        }
        catch (Exception malformed) when (malformed is ArgumentException or UriFormatException)
        {
            return null;
        }
    }
}
