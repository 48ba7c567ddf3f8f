using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using PushPlatform.Operator.Hosting;

namespace PushPlatform.Operator.Inquiry;

/// <summary>The port that people's questions come in by.</summary>
internal static class InquiryHosting
{
    /// <summary>
    /// Callers show their token, so what comes from elsewhere is encrypted. The certificate is made anew at each start and vouched for by nobody: the API server, which
    /// forwards these calls, looks at none (it says so of its proxy to Services). It keeps out who only listens.
    /// </summary>
    public static void ListenForInquiries(this WebApplicationBuilder builder, OperatorOptions options, TimeProvider time)
    {
        if (options.InquiryPort is not { } port)
        {
            return;
        }
        IPAddress bind = IPAddress.Parse(options.BindAddress);
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(bind, port, listen =>
        {
            if (!InquiryAddress.IsOnThisMachine(bind))
            {
                listen.UseHttps(Certificate(time));
            }
        }));
    }

    /// <summary>Everything that comes in by that port is a question, and nothing that comes in by another.</summary>
    public static void AnswerInquiries(this WebApplication app, OperatorOptions options)
    {
        if (options.InquiryPort is { } port)
        {
            InquiryEndpoint endpoint = app.Services.GetRequiredService<InquiryEndpoint>();
            app.MapWhen(context => context.Connection.LocalPort == port, branch => branch.Run(endpoint.AnswerAsync));
        }
    }

    public static void AddInquiries(this IServiceCollection services)
    {
        services.AddSingleton<ICallerRights, CallerRights>();
        services.AddSingleton<DeliveryListing>();
        services.AddSingleton<VehicleInquiry>();
        services.AddSingleton<InquiryEndpoint>();
    }

    private static X509Certificate2 Certificate(TimeProvider time)
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        CertificateRequest request = new("CN=push-operator", key, HashAlgorithmName.SHA256);
        DateTimeOffset now = time.GetUtcNow();
        return request.CreateSelfSigned(now.AddHours(-1), now.AddYears(10));
    }
}
